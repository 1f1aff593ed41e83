"""/api/v1/admin/payments/{id}/settle and /refund: an admin's two buttons."""

from typing import Annotated, Any
from uuid import UUID

from aiohttp import web
from pydantic import Field

from api_extensions.bodies import STORABLE, Body, read_body
from api_extensions.callers import caller_of
from api_extensions.envelope import success
from api_extensions.errors import AppError
from api_extensions.keys import DATABASE, REFUNDER, SETTLER
from api_extensions.paths import id_of
from api_extensions.payments import queries, refund_queries
from api_extensions.payments.callback import describe_result
from api_extensions.payments.refund_queries import RefundResult

routes = web.RouteTableDef()


class RefundRequest(Body):
    """POST /admin/payments/{id}/refund; without a body the gateway is to reverse."""

    reference: Annotated[str, Field(min_length=1, max_length=100), STORABLE] | None = (
        None
    )
    # Up to what the database and JSON can hold; what may go back, the database knows.
    amount_toman: Annotated[int, Field(gt=-(2**53), lt=2**53)] | None = None


@routes.post("/api/v1/admin/payments/{payment_id}/settle")
async def handle_settle(request: web.Request) -> web.Response:
    """Ask the gateway about a payment, and tell how it stands now."""
    payment_id, database = id_of(request, "payment_id"), request.app[DATABASE]
    async with database.acting_for(caller_of(request)) as connection:
        await queries.request_settlement(connection, payment_id)
    await request.app[SETTLER].settle(payment_id, is_genuine=False)
    async with database.system() as connection:
        return success(
            describe_result(await queries.payment_result(connection, payment_id))
        )


@routes.post("/api/v1/admin/payments/{payment_id}/refund")
async def handle_refund(request: web.Request) -> web.Response:
    """Give a payment back: through the gateway, or noting a transfer's reference."""
    caller, payment_id = caller_of(request), id_of(request, "payment_id")
    body = await read_body(request, RefundRequest)
    database = request.app[DATABASE]
    async with database.acting_for(caller) as connection:
        await refund_queries.request_refund(
            connection, payment_id, body.amount_toman, body.reference
        )
    is_open = await request.app[REFUNDER].refund(
        payment_id,
        reference=body.reference,
        amount_toman=body.amount_toman,
        caller=caller,
    )
    async with database.system() as connection:
        result = await refund_queries.refund_result(connection, payment_id)
    _require_known(result, is_open=is_open)
    _require_noted(result, body.reference)
    return success(_describe(payment_id, result))


def _require_known(result: RefundResult, *, is_open: bool) -> None:
    """Refuse to say DUE, which asks for a transfer, while the gateway may reverse."""
    if is_open and result.status == "DUE":
        message = "The gateway does not say where the money is; it is asked again."
        raise AppError("GATEWAY_UNAVAILABLE", message)


def _require_noted(result: RefundResult, reference: str | None) -> None:
    """Refuse an admin whose transfer is not the one that stands."""
    if reference is None or result.reference == reference:
        return
    message = "The money went back before, in another way."
    raise AppError("INVALID_STATE", message, {"status": result.status})


def _describe(payment_id: UUID, result: RefundResult) -> dict[str, Any]:
    return {
        "refundId": str(result.refund_id),
        "paymentId": str(payment_id),
        "amountToman": result.amount_toman,
        "reason": result.reason,
        # DUE: the gateway can't, or can't any more; transfer it and send the reference.
        "status": result.status,
        "reference": result.reference,
        "gatewayCode": result.gateway_code,
    }
