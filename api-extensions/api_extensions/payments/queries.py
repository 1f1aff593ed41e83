"""The database's side of payments: its functions, and the rows they return."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from psycopg.types.json import Jsonb

from api_extensions.db import (
    Connection,
    fetch_column,
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
    payment_id => %(payment_id)s, lease => %(lease)s, is_genuine => %(is_genuine)s)
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
_CLAIM_SETTLEMENTS = """
select sidecar.claim_settlements(max_rows => %(max_rows)s, lease => %(lease)s)
"""
_CLAIM_UNVERIFIED_LIST = """
select sidecar.claim_unverified_list(provider => %(provider)s, pause => %(pause)s)
"""
_MATCH_UNVERIFIED = """
select sidecar.match_unverified(
    provider => %(provider)s, authorities => %(authorities)s)
"""
_REQUEST_SETTLEMENT = """
select sidecar.request_settlement(payment_id => %(payment_id)s)
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
    connection: Connection, payment_id: UUID, lease: timedelta, *, is_genuine: bool
) -> Settlement:
    """Take the right to ask the gateway about a payment, for the time of the lease."""
    values = {"payment_id": payment_id, "lease": lease, "is_genuine": is_genuine}
    return await fetch_one(connection, Settlement, _BEGIN_SETTLEMENT, values)


async def finish_settlement(
    connection: Connection,
    payment_id: UUID,
    *,
    lease_token: UUID,
    is_genuine: bool,
    verdict: Verdict,
) -> str:
    """Record what the gateway said and all that follows; give the new status."""
    values = {
        "payment_id": payment_id,
        "lease_token": lease_token,
        "outcome": verdict.outcome,
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


async def claim_settlements(
    connection: Connection, max_rows: int, lease: timedelta
) -> Sequence[UUID]:
    """Take payments that it is time to ask about; nobody else does for the lease."""
    values = {"max_rows": max_rows, "lease": lease}
    return await fetch_column(connection, _CLAIM_SETTLEMENTS, values)


async def claim_unverified_list(
    connection: Connection, provider: str, pause: timedelta
) -> bool:
    """Tell whether it is on us to read a gateway's list of unverified payments."""
    values = {"provider": provider, "pause": pause}
    return bool(await fetch_value(connection, _CLAIM_UNVERIFIED_LIST, values))


async def match_unverified(
    connection: Connection, provider: str, authorities: Sequence[str]
) -> Sequence[UUID]:
    """Find our payments in such a list; admins are shown what is not ours."""
    values = {"provider": provider, "authorities": list(authorities)}
    return await fetch_column(connection, _MATCH_UNVERIFIED, values)


async def request_settlement(connection: Connection, payment_id: UUID) -> None:
    """Note that the admin of this transaction wants the gateway asked."""
    await connection.execute(_REQUEST_SETTLEMENT, {"payment_id": payment_id})
