"""POST /api/v1/payments/initiate: open a payment attempt and say where to pay."""

import asyncio
from typing import Any
from uuid import UUID

import structlog
from aiohttp import web
from yarl import URL

from api_extensions.bodies import Body, Id, read_body
from api_extensions.callers import caller_of
from api_extensions.db import Database
from api_extensions.envelope import success
from api_extensions.errors import AppError
from api_extensions.keys import DATABASE, GATEWAYS, SETTINGS
from api_extensions.payments import queries
from api_extensions.payments.gateway import (
    Accepted,
    Gateway,
    Order,
    Outcome,
    Refused,
)
from api_extensions.payments.queries import OpenAttempt
from api_extensions.tokens import Caller

log = structlog.get_logger()
routes = web.RouteTableDef()

CALLBACK_PATH = "/api/v1/payments/callback/zarinpal"
# Seconds for the one request; a second would open a second payment at the gateway.
REQUEST_TIMEOUT = 12.0
# While another request asks the gateway, look this often, every so many seconds.
LOOKS, LOOK_PAUSE = 20, 0.25


class Initiation(Body):
    """POST /payments/initiate."""

    consultation_id: Id


@routes.post("/api/v1/payments/initiate")
async def handle_initiate(request: web.Request) -> web.Response:
    """Open an attempt, or give the one that is open, and say where to pay."""
    caller = caller_of(request)
    body = await read_body(request, Initiation)
    database, gateway = request.app[DATABASE], request.app[GATEWAYS].default
    attempt = await _begin(database, caller, gateway, body.consultation_id)
    authority = attempt.authority
    if authority is None:
        order = _order(attempt, request.app[SETTINGS].public_base_url)
        authority = await _open_at_gateway(database, gateway, order)
    return success(_describe(attempt, gateway.pay_url(attempt.payment_id, authority)))


async def _begin(
    database: Database, caller: Caller, gateway: Gateway, consultation_id: UUID
) -> OpenAttempt:
    """Open an attempt, or wait for the other request that is opening one.

    Raises:
        AppError: PAYMENT_IN_PROGRESS when that takes too long.
        psycopg.Error: NOT_FOUND or INVALID_STATE.
    """
    for _ in range(LOOKS):
        async with database.acting_for(caller) as connection:
            attempt = await queries.begin_payment(
                connection, consultation_id=consultation_id, provider=gateway.provider
            )
        if attempt.is_new or attempt.authority is not None:
            return attempt
        await asyncio.sleep(LOOK_PAUSE)
    raise AppError("PAYMENT_IN_PROGRESS", "The payment is being opened; try again.")


def _order(attempt: OpenAttempt, public_base_url: str) -> Order:
    callback = URL(f"{public_base_url}{CALLBACK_PATH}") % {"n": attempt.nonce}
    return Order(
        payment_id=attempt.payment_id,
        amount_toman=attempt.amount_toman,
        amount_rials=attempt.amount_rials,
        callback_url=str(callback),
        mobile=attempt.mobile,
    )


async def _open_at_gateway(database: Database, gateway: Gateway, order: Order) -> str:
    """Ask the gateway for an authority, with nothing held meanwhile, and store it."""
    try:
        async with asyncio.timeout(REQUEST_TIMEOUT):
            answer = await gateway.request(order)
    except TimeoutError:
        answer = Refused(Outcome.UNKNOWN, {}, {"error": "time-out"})
    # As the system: the session may have ended meanwhile, and the answer must be kept.
    async with database.system() as connection:
        if isinstance(answer, Refused):
            await queries.fail_payment_request(connection, order.payment_id, answer)
            status = "FAILED"
        else:
            status = await queries.record_authority(
                connection, order.payment_id, answer
            )
    return _usable_authority(answer, status)


def _usable_authority(answer: Accepted | Refused, status: str) -> str:
    if isinstance(answer, Refused):
        log.error("gateway_refused", outcome=answer.outcome)
        message = "The payment gateway does not answer; your slot stays held."
        raise AppError("GATEWAY_UNAVAILABLE", message)
    if status != "PENDING":
        raise AppError("INVALID_STATE", "The consultation changed meanwhile.")
    return answer.authority


def _describe(attempt: OpenAttempt, redirect_url: str) -> dict[str, Any]:
    return {
        "paymentId": str(attempt.payment_id),
        "redirectUrl": redirect_url,
        "amountToman": attempt.amount_toman,
        "amountRials": attempt.amount_rials,
    }
