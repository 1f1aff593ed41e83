"""What a payment gateway is to us: five questions, and answers that say what is known.

A gateway is one new file that implements `Gateway`, and its name in `registry.py`.
Implementations translate every failure into an answer; they do not raise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

Raw = Mapping[str, Any]


class Outcome(StrEnum):
    """What is known about the money.

    UNKNOWN is never reported as a failure: time-outs, 5xx, HTML. MISCONFIGURED is a
    refusal of ourselves (a wrong merchant id, a wrong amount): nothing is known about
    the money either, and a person has to look.
    """

    PAID = "PAID"
    NOT_PAID = "NOT_PAID"
    UNKNOWN = "UNKNOWN"
    MISCONFIGURED = "MISCONFIGURED"


class InquiryStatus(StrEnum):
    """Where a payment stands at the gateway.

    The last two are our words: for no answer, and for a refusal of ourselves.
    """

    IN_BANK = "IN_BANK"
    PAID = "PAID"
    VERIFIED = "VERIFIED"
    FAILED = "FAILED"
    REVERSED = "REVERSED"
    UNKNOWN = "UNKNOWN"
    MISCONFIGURED = "MISCONFIGURED"


@dataclass(frozen=True)
class Order:
    """What is to be paid, in the database's amounts; the callback has the nonce."""

    payment_id: UUID
    amount_toman: int
    amount_rials: int
    callback_url: str
    mobile: str


@dataclass(frozen=True)
class Accepted:
    """The gateway waits for the payer under this authority."""

    authority: str
    raw_request: Raw
    raw_response: Raw


@dataclass(frozen=True)
class Refused:
    """The gateway did not open a payment, or did not say so."""

    outcome: Outcome
    raw_request: Raw
    raw_response: Raw


@dataclass(frozen=True)
class Verdict:
    """The gateway's answer to "was this paid?"; `card_pan` comes masked from there."""

    outcome: Outcome
    ref_id: str | None = None
    card_pan: str | None = None
    raw_response: Raw = field(default_factory=dict)


@dataclass(frozen=True)
class Unverified:
    """A payment that the gateway holds as paid and that nobody has verified."""

    authority: str


@dataclass(frozen=True)
class Reversal:
    """Whether the money went back.

    Attributes:
        is_done: it did.
        code: why it did not; None when it did, and when nobody knows.
    """

    is_done: bool
    code: int | None = None


class Gateway(Protocol):
    """A payment gateway."""

    provider: str
    """Its label in the enum payment_provider."""

    async def request(self, order: Order) -> Accepted | Refused:
        """Open a payment. Never repeated: each request makes another authority."""

    def pay_url(self, payment_id: UUID, authority: str) -> str:
        """Say where the payer goes."""

    async def verify(self, authority: str, *, toman: int, rials: int) -> Verdict:
        """Take the money, or say that it was taken; safe to repeat."""

    async def inquiry(self, authority: str) -> InquiryStatus:
        """Ask where a payment stands, without changing anything."""

    async def list_unverified(self) -> Sequence[Unverified] | None:
        """List what was paid and not verified; None when there is no answer."""

    async def reverse(self, authority: str) -> Reversal:
        """Give the money back, inside the gateway's window. Never repeated: inquire."""

    async def close(self) -> None:
        """Give back what it holds, such as connections."""


@dataclass(frozen=True)
class Gateways:
    """The gateway for new payments, and all that earlier payments may have used."""

    default: Gateway
    by_provider: Mapping[str, Gateway]

    async def close(self) -> None:
        """Close every one of them."""
        for gateway in self.by_provider.values():
            await gateway.close()
