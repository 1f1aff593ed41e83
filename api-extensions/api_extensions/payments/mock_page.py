"""/api/v1/payments/mock/{paymentId}: the mock bank's page, absent when it is off."""

from aiohttp import web
from yarl import URL

from api_extensions import errors
from api_extensions.errors import AppError
from api_extensions.keys import MOCK, SETTINGS
from api_extensions.paths import id_of
from api_extensions.payments.pages import left_page, mock_page

routes = web.RouteTableDef()

_PATH = "/api/v1/payments/mock/{payment_id}"
_FORM = ("application/x-www-form-urlencoded", "utf-8")
_OUTCOMES = {"paid": True, "failed": False}


@routes.get(_PATH)
async def handle_mock_page(request: web.Request) -> web.Response:
    """Show pay, fail and walk away."""
    if "left" in request.query:
        return left_page()
    session = await request.app[MOCK].session(id_of(request, "payment_id"))
    if session is None:
        raise errors.not_found("The mock gateway knows no such payment.")
    settings = request.app[SETTINGS]
    result_url = settings.payment_result_url
    return mock_page(
        session,
        leave_url=result_url or "?left",
        form_targets=[session.callback_url, *([result_url] if result_url else [])],
    )


@routes.post(_PATH)
async def handle_mock_outcome(request: web.Request) -> web.Response:
    """Do what the payer chose and send them to the ordinary callback."""
    if (request.content_type, request.charset or "utf-8") != _FORM:
        raise AppError("UNSUPPORTED_MEDIA_TYPE", "Send the page's form.")
    outcome = (await request.post()).get("outcome")
    if not isinstance(outcome, str) or outcome not in _OUTCOMES:
        raise errors.invalid_fields({"outcome": "should be paid or failed"})
    payment = await request.app[MOCK].pay(
        id_of(request, "payment_id"), is_paid=_OUTCOMES[outcome]
    )
    if payment is None:
        raise errors.not_found("The mock gateway knows no such payment.")
    location = URL(payment.callback_url).update_query(
        Authority=payment.authority,
        Status="OK" if payment.status in {"PAID", "VERIFIED"} else "NOK",
    )
    return web.Response(status=303, headers={"Location": str(location)})
