"""What an SMS provider is to us: two questions, and answers that say what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self
from uuid import UUID


class FailureKind(StrEnum):
    """Why a message was not sent, and so what becomes of it.

    PERMANENT: never will be (a bad number); give up. TRANSIENT: try again later.
    CONFIGURATION: ours to repair (a bad key, no credit), and the same for every
    message: stop sending, and shout. UNKNOWN: it may have been sent (a time-out).
    NUMBER_TAKEN: the provider knows its number as another message's; try another one.
    """

    PERMANENT = "PERMANENT"
    TRANSIENT = "TRANSIENT"
    CONFIGURATION = "CONFIGURATION"
    UNKNOWN = "UNKNOWN"
    NUMBER_TAKEN = "NUMBER_TAKEN"


class Delivery(StrEnum):
    """Where a sent message is: the enum sms_delivery, which explains them."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    UNDELIVERED = "UNDELIVERED"
    FAILED = "FAILED"
    BLOCKED = "BLOCKED"
    CANCELED = "CANCELED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Message:
    """A claimed row of the outbox.

    Attributes:
        id: the row's.
        number: its numeric id, for a provider's own de-duplication.
        recipient: a canonical mobile.
        body: the text.
        attempts: how often it has been claimed, this time included.
        is_taken_over: from a worker that died with it, perhaps after sending it.
    """

    id: UUID
    number: int
    recipient: str
    body: str
    attempts: int
    is_taken_over: bool


@dataclass(frozen=True)
class Sent:
    """The provider took the message, under its own id if it gives one."""

    provider_message_id: str | None = None


@dataclass(frozen=True)
class NotSent:
    """The provider did not take the message, or did not say; `error` is for people."""

    kind: FailureKind
    error: str


class SmsProvider(Protocol):
    """An SMS provider; entered before its first question and left after the last.

    Attributes:
        name: what SMS_PROVIDER calls it.
        is_repeatable: sending a message again never makes the phone ring twice.
        delivery_batch: how many messages `deliveries` takes; 0 when it can't tell.
    """

    name: str
    is_repeatable: bool
    delivery_batch: int

    async def __aenter__(self) -> Self:
        """Open connections."""

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close them."""

    async def send(self, message: Message) -> Sent | NotSent:
        """Send one message; every failure is an answer, not an exception."""

    async def deliveries(self, ids: Sequence[str]) -> Mapping[str, Delivery]:
        """Say where messages are, by the provider's ids, without those not known."""
