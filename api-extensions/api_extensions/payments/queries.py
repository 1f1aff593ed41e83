"""The database's side of payments: its functions, and the rows they return."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from psycopg.types.json import Jsonb

from api_extensions.db import (
    Connection,
    fetch_all,
    fetch_one,
    fetch_optional,
    fetch_value,
)
from api_extensions.payments.gateway import Accepted, Refused, Verdict

_BEGIN_PAYMENT = """
select * from sidecar.begin_payment(
    consultation_id => %(consultation_id)s, provider => %(provider)s)
"""
_RECORD_AUTHORITY = """
select sidecar.record_authority(
    payment_id => %(payment_id)s, authority => %(authority)s,
    raw_request => %(raw_request)s, raw_response => %(raw_response)s)
"""
_FAIL_PAYMENT_REQUEST = """
select sidecar.fail_payment_request(
    payment_id => %(payment_id)s,
    raw_request => %(raw_request)s, raw_response => %(raw_response)s)
"""
_FIND_PAYMENT = """
select * from sidecar.find_payment(authority => %(authority)s, nonce => %(nonce)s)
"""
_BEGIN_SETTLEMENT = """
select * from sidecar.begin_settlement(
    payment_id => %(payment_id)s, lease => %(lease)s)
"""
_FINISH_SETTLEMENT = """
select sidecar.finish_settlement(
    payment_id => %(payment_id)s, lease_token => %(lease_token)s,
    outcome => %(outcome)s, is_genuine => %(is_genuine)s,
    ref_id => %(ref_id)s, card_pan => %(card_pan)s, raw_response => %(raw_response)s)
"""
_PAYMENT_RESULT = """
select %(payment_id)s::uuid as payment_id, consultation_id, status, ref_id
from sidecar.payment_result(payment_id => %(payment_id)s)
"""
_DUE_SETTLEMENTS = """
select payment_id from sidecar.due_settlements(max_rows => %(max_rows)s) as payment_id
"""


@dataclass(frozen=True)
class OpenAttempt:
    """An open payment attempt.

    Attributes:
        is_new: opened by this very call, which therefore has to ask the gateway.
        authority: None until the gateway gave one: somebody is asking it right now.
    """

    payment_id: UUID
    is_new: bool
    nonce: str
    status: str
    authority: str | None
    amount_toman: int
    amount_rials: int
    mobile: str


@dataclass(frozen=True)
class FoundPayment:
    """A payment by its authority; genuine when the callback carried its nonce."""

    payment_id: UUID
    is_genuine: bool


@dataclass(frozen=True)
class Settlement:
    """What to do about a payment: `ask`, or why not (`settled`, `busy`, `unasked`)."""

    action: str
    provider: str
    authority: str
    amount_toman: int
    amount_rials: int
    lease_token: UUID


@dataclass(frozen=True)
class PaymentResult:
    """What a payer may know about a payment."""

    payment_id: UUID
    consultation_id: UUID
    status: str
    ref_id: str | None


@dataclass(frozen=True)
class DuePayment:
    """A payment that it is time to ask about."""

    payment_id: UUID


async def begin_payment(
    connection: Connection, *, consultation_id: UUID, provider: str
) -> OpenAttempt:
    """Open an attempt for the caller's consultation, or give the one that is open."""
    values = {"consultation_id": consultation_id, "provider": provider}
    return await fetch_one(connection, OpenAttempt, _BEGIN_PAYMENT, values)


async def record_authority(
    connection: Connection, payment_id: UUID, accepted: Accepted
) -> str:
    """Store the gateway's authority; CANCELED means that it was closed meanwhile."""
    values = {
        "payment_id": payment_id,
        "authority": accepted.authority,
        "raw_request": Jsonb(accepted.raw_request),
        "raw_response": Jsonb(accepted.raw_response),
    }
    status: str = await fetch_value(connection, _RECORD_AUTHORITY, values)
    return status


async def fail_payment_request(
    connection: Connection, payment_id: UUID, refused: Refused
) -> None:
    """Close an attempt that the gateway did not take."""
    values = {
        "payment_id": payment_id,
        "raw_request": Jsonb(refused.raw_request),
        "raw_response": Jsonb(refused.raw_response),
    }
    await connection.execute(_FAIL_PAYMENT_REQUEST, values)


async def find_payment(
    connection: Connection, *, authority: str, nonce: str
) -> FoundPayment | None:
    """Find a payment by what a callback brings."""
    values = {"authority": authority, "nonce": nonce}
    return await fetch_optional(connection, FoundPayment, _FIND_PAYMENT, values)


async def begin_settlement(
    connection: Connection, payment_id: UUID, lease: timedelta
) -> Settlement:
    """Take the right to ask the gateway about a payment, for the time of the lease."""
    values = {"payment_id": payment_id, "lease": lease}
    return await fetch_one(connection, Settlement, _BEGIN_SETTLEMENT, values)


async def finish_settlement(
    connection: Connection,
    payment_id: UUID,
    *,
    lease_token: UUID,
    outcome: str,
    is_genuine: bool,
    verdict: Verdict,
) -> str:
    """Record what the gateway said and all that follows; give the new status."""
    values = {
        "payment_id": payment_id,
        "lease_token": lease_token,
        "outcome": outcome,
        "is_genuine": is_genuine,
        "ref_id": verdict.ref_id,
        "card_pan": verdict.card_pan,
        "raw_response": Jsonb(verdict.raw_response),
    }
    status: str = await fetch_value(connection, _FINISH_SETTLEMENT, values)
    return status


async def payment_result(connection: Connection, payment_id: UUID) -> PaymentResult:
    """Give what the payer is told."""
    values = {"payment_id": payment_id}
    return await fetch_one(connection, PaymentResult, _PAYMENT_RESULT, values)


async def due_settlements(connection: Connection, max_rows: int) -> Sequence[UUID]:
    """Give the payments that it is time to ask about."""
    rows = await fetch_all(
        connection, DuePayment, _DUE_SETTLEMENTS, {"max_rows": max_rows}
    )
    return [row.payment_id for row in rows]
