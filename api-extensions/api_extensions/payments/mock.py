"""The mock gateway behaves like Zarinpal; its bank is the database's `mock_` functions.

So all replicas of the sidecar see one bank, and a restart forgets nothing.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

import psycopg
import structlog

from api_extensions.db import (
    Database,
    fetch_all,
    fetch_one,
    fetch_optional,
    fetch_value,
)
from api_extensions.payments.codes import SUCCESS, outcome_of
from api_extensions.payments.gateway import (
    Accepted,
    InquiryStatus,
    Order,
    Outcome,
    Refused,
    Reversal,
    Unverified,
    Verdict,
)
from api_extensions.settings import Settings

log = structlog.get_logger()

_REQUEST = """
select sidecar.mock_request(
    payment_id => %(payment_id)s, amount_toman => %(amount_toman)s,
    callback_url => %(callback_url)s)
"""
_SESSION = "select * from sidecar.mock_session(payment_id => %(payment_id)s)"
_PAY = """
select * from sidecar.mock_pay(payment_id => %(payment_id)s, is_paid => %(is_paid)s)
"""
_VERIFY = """
select * from sidecar.mock_verify(
    authority => %(authority)s, amount_toman => %(amount_toman)s)
"""
_INQUIRY = "select sidecar.mock_inquiry(authority => %(authority)s)"
_UNVERIFIED = "select authority from sidecar.mock_unverified()"
_REVERSE = "select sidecar.mock_reverse(authority => %(authority)s)"


@dataclass(frozen=True)
class MockSession:
    """A payment at the mock bank, as its page shows it."""

    authority: str
    amount_toman: int
    callback_url: str
    status: str


@dataclass(frozen=True)
class MockPayment:
    """What became of a payment at the mock bank, and where the payer goes next."""

    authority: str
    callback_url: str
    status: str


@dataclass(frozen=True)
class _Verification:
    code: int
    ref_id: str | None
    card_pan: str | None


def build(settings: Settings, database: Database) -> "MockGateway | None":
    """Make it when MOCK_GATEWAY is on."""
    if not settings.mock_gateway:
        return None
    return MockGateway(database, settings.public_base_url)


class MockGateway:
    """Implements `gateway.Gateway`, and what its page needs besides."""

    provider = "MOCK"

    def __init__(self, database: Database, public_base_url: str) -> None:
        self._database = database
        self._pages = f"{public_base_url}/api/v1/payments/mock"

    async def request(self, order: Order) -> Accepted | Refused:
        """Open a payment at the mock bank."""
        asked = {"amount": order.amount_toman, "currency": "IRT"}
        values = {
            "payment_id": order.payment_id,
            "amount_toman": order.amount_toman,
            "callback_url": order.callback_url,
        }
        try:
            async with self._database.system() as connection:
                authority: str = await fetch_value(connection, _REQUEST, values)
        except psycopg.Error:
            log.exception("mock_request_failed")
            return Refused(Outcome.UNKNOWN, asked, {})
        return Accepted(authority, asked, {"code": 100, "authority": authority})

    def pay_url(self, payment_id: UUID, authority: str) -> str:  # noqa: ARG002
        """Say where the mock's page is; unlike Zarinpal's it goes by our own id."""
        return f"{self._pages}/{payment_id}"

    async def verify(self, authority: str, *, toman: int, rials: int) -> Verdict:  # noqa: ARG002
        """Ask the mock bank: 100 the first time, 101 from then on."""
        values = {"authority": authority, "amount_toman": toman}
        try:
            async with self._database.system() as connection:
                found = await fetch_one(connection, _Verification, _VERIFY, values)
        except psycopg.Error:
            log.exception("mock_verify_failed")
            return Verdict(Outcome.UNKNOWN)
        return Verdict(
            outcome=outcome_of(found.code),
            ref_id=found.ref_id,
            card_pan=found.card_pan,
            raw_response=asdict(found),
        )

    async def inquiry(self, authority: str) -> InquiryStatus:
        """Ask where a payment stands at the mock bank."""
        try:
            async with self._database.system() as connection:
                status = await fetch_value(
                    connection, _INQUIRY, {"authority": authority}
                )
        except psycopg.Error:
            log.exception("mock_inquiry_failed")
            return InquiryStatus.UNKNOWN
        # An authority that the bank does not know was never paid (verify says -54).
        return InquiryStatus(status) if status else InquiryStatus.FAILED

    async def list_unverified(self) -> Sequence[Unverified] | None:
        """List what the mock bank holds as paid and unverified."""
        try:
            async with self._database.system() as connection:
                return await fetch_all(connection, Unverified, _UNVERIFIED, {})
        except psycopg.Error:
            log.exception("mock_unverified_failed")
            return None

    async def reverse(self, authority: str) -> Reversal:
        """Give the money back at the mock bank."""
        try:
            async with self._database.system() as connection:
                code: int = await fetch_value(
                    connection, _REVERSE, {"authority": authority}
                )
        except psycopg.Error:
            log.exception("mock_reverse_failed")
            return Reversal(is_done=False)
        return Reversal(is_done=code == SUCCESS, code=code)

    async def close(self) -> None:
        """Hold nothing: the bank is in the database."""

    async def session(self, payment_id: UUID) -> MockSession | None:
        """Give what the page shows; None when the bank knows no such payment."""
        async with self._database.system() as connection:
            return await fetch_optional(
                connection, MockSession, _SESSION, {"payment_id": payment_id}
            )

    async def pay(self, payment_id: UUID, *, is_paid: bool) -> MockPayment | None:
        """Do what the payer chose; None when the bank knows no such payment."""
        values = {"payment_id": payment_id, "is_paid": is_paid}
        async with self._database.system() as connection:
            return await fetch_optional(connection, MockPayment, _PAY, values)
