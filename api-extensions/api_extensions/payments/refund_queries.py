"""The database's side of refunds: its functions, and the rows they return."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from api_extensions.db import Connection, fetch_column, fetch_one

_REQUEST_REFUND = """
select sidecar.request_refund(
    payment_id => %(payment_id)s, amount_toman => %(amount_toman)s,
    reference => %(reference)s)
"""
_BEGIN_REFUND = """
select * from sidecar.begin_refund(
    payment_id => %(payment_id)s, lease => %(lease)s, is_by_hand => %(is_by_hand)s)
"""
_FINISH_REFUND = """
select sidecar.finish_refund(
    payment_id => %(payment_id)s, lease_token => %(lease_token)s,
    status => %(status)s, reference => %(reference)s,
    gateway_code => %(gateway_code)s, is_doubtful => %(is_doubtful)s,
    amount_toman => %(amount_toman)s)
"""
_REFUND_RESULT = "select * from sidecar.refund_result(payment_id => %(payment_id)s)"
_DUE_REFUNDS = "select sidecar.due_refunds(max_rows => %(max_rows)s)"


@dataclass(frozen=True)
class DueRefund:
    """What to do about a refund: `ask`, or why not (`done`, `busy`, `none`).

    Attributes:
        is_reversible: the gateway may still give the whole payment back.
        is_doubtful: it was asked to before, and nobody knows what came of it.
    """

    action: str
    provider: str
    authority: str
    is_reversible: bool | None
    is_doubtful: bool | None
    lease_token: UUID | None


@dataclass(frozen=True)
class Ending:
    """How an attempt to give money back ended: REVERSED, TRANSFERRED, or still DUE.

    Attributes:
        status: one of these.
        reference: of the transfer.
        gateway_code: why the gateway did not reverse it.
        is_doubtful: it may have done so without our hearing of it.
        amount_toman: of the transfer, if that was said.
        is_open: the gateway will be asked again; nobody else is to give it back yet.
    """

    status: str
    reference: str | None = None
    gateway_code: int | None = None
    is_doubtful: bool = True
    amount_toman: int | None = None
    is_open: bool = False


@dataclass(frozen=True)
class RefundResult:
    """What an admin is told about a refund."""

    refund_id: UUID
    amount_toman: int
    reason: str
    status: str
    reference: str | None
    gateway_code: int | None


async def request_refund(
    connection: Connection,
    payment_id: UUID,
    amount_toman: int | None,
    reference: str | None,
) -> None:
    """Make a refund due, for the admin of this transaction."""
    values = {
        "payment_id": payment_id,
        "amount_toman": amount_toman,
        "reference": reference,
    }
    await connection.execute(_REQUEST_REFUND, values)


async def begin_refund(
    connection: Connection, payment_id: UUID, lease: timedelta, *, is_by_hand: bool
) -> DueRefund:
    """Take the right to give the money back, for the time of the lease."""
    values = {"payment_id": payment_id, "lease": lease, "is_by_hand": is_by_hand}
    return await fetch_one(connection, DueRefund, _BEGIN_REFUND, values)


async def finish_refund(
    connection: Connection, payment_id: UUID, lease_token: UUID | None, ending: Ending
) -> None:
    """Record what became of it."""
    values = {
        "payment_id": payment_id,
        "lease_token": lease_token,
        "status": ending.status,
        "reference": ending.reference,
        "gateway_code": ending.gateway_code,
        "is_doubtful": ending.is_doubtful,
        "amount_toman": ending.amount_toman,
    }
    await connection.execute(_FINISH_REFUND, values)


async def refund_result(connection: Connection, payment_id: UUID) -> RefundResult:
    """Give what an admin is told."""
    values = {"payment_id": payment_id}
    return await fetch_one(connection, RefundResult, _REFUND_RESULT, values)


async def due_refunds(connection: Connection, max_rows: int) -> Sequence[UUID]:
    """Give the payments that are to be given back and that a gateway can reverse."""
    return await fetch_column(connection, _DUE_REFUNDS, {"max_rows": max_rows})
