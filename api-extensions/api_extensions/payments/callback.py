"""GET /api/v1/payments/callback/zarinpal: the payer comes back from the gateway.

Unsigned, perhaps forged, perhaps twice: it proves nothing. With the attempt's nonce the
gateway is asked, whatever `Status` says. It works without any cookie.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import psycopg
import structlog
from aiohttp import web
from yarl import URL

from api_extensions import errors
from api_extensions.envelope import success
from api_extensions.keys import DATABASE, SETTINGS, SETTLER
from api_extensions.payments import faults, queries
from api_extensions.payments.faults import FaultPoint
from api_extensions.payments.initiate import CALLBACK_PATH
from api_extensions.payments.pages import result_page
from api_extensions.payments.queries import PaymentResult

log = structlog.get_logger()
routes = web.RouteTableDef()


@routes.get(CALLBACK_PATH, allow_head=False)
async def handle_callback(request: web.Request) -> web.Response:
    """Settle the payment and tell the payer: a redirect, a page, or JSON on request."""
    result = await _settle(request)
    if "application/json" in request.headers.get("Accept", ""):
        return success(describe_result(result))
    target = request.app[SETTINGS].payment_result_url
    if target is None:
        return result_page(result)
    location = URL(target).update_query(describe_result(result))
    return web.Response(
        status=303,
        # The address that is left behind holds the attempt's nonce.
        headers={"Location": str(location), "Referrer-Policy": "no-referrer"},
    )


async def _settle(request: web.Request) -> PaymentResult:
    # Zarinpal writes Authority; robust clients read any spelling.
    query = {key.lower(): value for key, value in request.query.items()}
    database = request.app[DATABASE]
    async with database.system() as connection:
        found = await queries.find_payment(
            connection,
            authority=_storable(query, "authority"),
            nonce=_storable(query, "n"),
        )
    if found is None:
        raise errors.not_found("No payment has this authority.")
    # Authorities can be guessed. Without the nonce nothing is set in motion (if it was
    # paid all the same, reconciliation finds out within its interval), and the bank's
    # reference, which a payer may be asked for, is not told.
    if found.is_genuine:
        try:
            await request.app[SETTLER].settle(found.payment_id, is_genuine=True)
        except psycopg.OperationalError:  # busy: the payer is told what is known so far
            log.exception("settle_postponed", payment_id=str(found.payment_id))
        faults.reach(FaultPoint.BEFORE_ANSWER)
    async with database.system() as connection:
        result = await queries.payment_result(connection, found.payment_id)
    return result if found.is_genuine else replace(result, ref_id=None)


def _storable(query: Mapping[str, str], name: str) -> str:
    """Take a parameter without what PostgreSQL's text can't hold."""
    return query.get(name, "").replace("\0", "").encode(errors="replace").decode()


def describe_result(result: PaymentResult) -> dict[str, Any]:
    """Tell how a payment ended, in the contract's names."""
    described = {
        "paymentId": str(result.payment_id),
        "consultationId": str(result.consultation_id),
        "status": result.status,
    }
    return described | ({"refId": result.ref_id} if result.ref_id else {})
