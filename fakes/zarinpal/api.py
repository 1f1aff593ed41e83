"""POST /pg/v4/payment/{operation}.json: the five questions that can be put."""

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from fakes.zarinpal import answers
from fakes.zarinpal.books import Books, Session
from fakes.zarinpal.faults import Fault, Kind
from fakes.zarinpal.keys import BOOKS, CALLS, FAULTS, STYLE

routes = web.RouteTableDef()

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOBILE = re.compile(r"09[0-9]{9}")
_MIN_RIALS, _MAX_RIALS = 1_000, 1_000_000_000
_REVERSE_SECONDS = 30 * 60
# Longer than any client waits.
_NEVER = 120.0
_CARD = {"card_pan": "502229******5995", "card_hash": "C257" * 16}

Body = Mapping[str, Any]


class Refusal(Exception):  # noqa: N818  # what it is called here
    """The operation is refused with a code."""

    def __init__(self, code: int, *validations: dict[str, str]) -> None:
        super().__init__(code)
        self.code = code
        self.validations = validations


@routes.post("/pg/v4/payment/{operation}.json")
async def handle_operation(request: web.Request) -> web.Response:
    """Do what is asked, or what a fault says instead."""
    operation, body = request.match_info["operation"], await request.json()
    perform = _OPERATIONS.get(operation)
    if perform is None:
        raise web.HTTPNotFound
    authority = body.get("authority")
    request.app[CALLS].append({"operation": operation, **_without_secret(body)})
    fault = request.app[FAULTS].take(operation, authority)
    if fault:
        instead = await _instead(request, fault)
        if instead is not None:
            return instead
        if fault.kind is Kind.WRONG_AMOUNT:
            body["amount"] = int(body["amount"]) * 10
    answer = _answer(request.app, perform, body)
    if fault:
        await _afterwards(request, fault)
    return answer


async def _instead(request: web.Request, fault: Fault) -> web.Response | None:
    """Give the answer of a fault that lets nothing happen; None: it may happen."""
    style = request.app[STYLE]
    match fault.kind:
        case Kind.CODE:
            return answers.failure(style, int(fault.value))
        case Kind.SERVER_ERROR:
            return answers.server_error()
        case Kind.HTML:
            return answers.html()
        case Kind.DROP_BEFORE:
            return _drop(request)
        case Kind.TIMEOUT_BEFORE:
            await asyncio.sleep(_NEVER)
            return answers.server_error()
    return None


async def _afterwards(request: web.Request, fault: Fault) -> None:
    if fault.kind is Kind.TIMEOUT_AFTER:
        await asyncio.sleep(_NEVER)
    elif fault.kind is Kind.DROP_AFTER:
        _drop(request)
    elif fault.kind is Kind.SLOW:
        await asyncio.sleep(fault.value)


def _drop(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response()


def _answer(
    app: web.Application, perform: Callable[[Books, Body], web.Response], body: Body
) -> web.Response:
    try:
        merchant_id = str(body.get("merchant_id", ""))
        if not _UUID.fullmatch(merchant_id):
            text = f"The merchant id {merchant_id} must be a valid UUID."
            raise Refusal(-9, {"merchant_id": text})
        return perform(app[BOOKS], body)
    except Refusal as refusal:
        return answers.failure(app[STYLE], refusal.code, refusal.validations)


def _request(books: Books, body: Body) -> web.Response:
    metadata = body.get("metadata") or {}
    wrong = [name for name, is_wrong in _wrong_fields(body, metadata) if is_wrong]
    if wrong:
        raise Refusal(-9, *({name: f"The {name} is not valid."} for name in wrong))
    amount, currency = int(body["amount"]), body.get("currency", "IRR")
    rials = amount * (10 if currency == "IRT" else 1)
    if rials < _MIN_RIALS:
        raise Refusal(-9, {"amount": f"The amount must be at least {_MIN_RIALS}."})
    if rials > _MAX_RIALS:
        raise Refusal(-41)
    session = books.open(
        merchant_id=body["merchant_id"],
        amount=amount,
        currency=currency,
        callback_url=body["callback_url"],
        mobile=metadata.get("mobile"),
        order_id=metadata.get("order_id"),
    )
    return answers.success(
        code=100,
        message="Success",
        authority=session.authority,
        fee_type="Merchant",
        fee=3500,
    )


def _wrong_fields(body: Body, metadata: Body) -> list[tuple[str, bool]]:
    mobile = metadata.get("mobile")
    url = str(body.get("callback_url", ""))
    return [
        ("amount", not str(body.get("amount", "")).isdecimal()),
        ("currency", body.get("currency", "IRR") not in {"IRR", "IRT"}),
        ("description", not 1 <= len(str(body.get("description", ""))) <= 500),  # noqa: PLR2004
        ("callback_url", not url.startswith(("http://", "https://"))),
        ("mobile", mobile is not None and not _MOBILE.fullmatch(str(mobile))),
    ]


def _verify(books: Books, body: Body) -> web.Response:
    session = _session(books, body)
    if str(body.get("amount")) != str(session.amount):
        raise Refusal(-50)
    if session.status not in {"PAID", "VERIFIED"}:
        raise Refusal(-51)
    is_first = session.status == "PAID"
    books.set_status(session.authority, "VERIFIED")
    return answers.success(
        wages=[],
        code=100 if is_first else 101,
        message="Paid" if is_first else "Verified",
        ref_id=session.ref_id,
        fee_type="Merchant",
        fee=3500,
        shaparak_fee="1200",
        order_id=session.order_id,
        **_CARD,
    )


def _inquiry(books: Books, body: Body) -> web.Response:
    status = _session(books, body).status
    return answers.success(status=status, code=100, message="Success")


def _unverified(books: Books, body: Body) -> web.Response:
    listed = [
        {
            "authority": session.authority,
            "amount": session.amount,
            "callback_url": session.callback_url,
            "referer": "/",
            "date": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(session.paid_at)),
        }
        for session in books.unverified(body["merchant_id"])
    ]
    # As documented: the code is a string, and there are no errors at all.
    data = {"code": "100", "message": "Success", "authorities": listed}
    return web.json_response({"data": data})


def _reverse(books: Books, body: Body) -> web.Response:
    session = _session(books, body)
    if session.status not in {"PAID", "VERIFIED"} or session.paid_at is None:
        raise Refusal(-61)
    if time.time() - session.paid_at > _REVERSE_SECONDS:
        raise Refusal(-63)
    books.set_status(session.authority, "REVERSED")
    return answers.success(code=100, message="Reversed")


def _session(books: Books, body: Body) -> Session:
    session = books.find(body.get("authority"))
    if session is None:
        raise Refusal(-54)
    if session.merchant_id != body["merchant_id"]:
        raise Refusal(-53)
    return session


def _without_secret(body: Body) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != "merchant_id"}


_OPERATIONS: Mapping[str, Callable[[Books, Body], web.Response]] = {
    "request": _request,
    "verify": _verify,
    "inquiry": _inquiry,
    "unVerified": _unverified,
    "reverse": _reverse,
}
