"""GET, POST /pg/StartPay/{authority}: the page where the payer types a card number."""

import asyncio
from html import escape
from string import Template

import aiohttp
from aiohttp import web
from yarl import URL

from fakes.zarinpal.books import Session
from fakes.zarinpal.faults import Kind
from fakes.zarinpal.keys import BOOKS, FAULTS

routes = web.RouteTableDef()

_PATH = "/pg/StartPay/{authority}"
_OUTCOMES = {"paid": True, "failed": False}
_PAGE = Template(
    """<!doctype html>
<html lang="fa" dir="rtl">
<meta charset="utf-8">
<title>زرین‌پال آزمایشی · Fake Zarinpal</title>
<h1>زرین‌پال آزمایشی</h1>
<p lang="en" dir="ltr">Fake Zarinpal: no money moves. $amount rials, $status.</p>
<form method="post">
  <button name="outcome" value="paid">پرداخت · Pay</button>
  <button name="outcome" value="failed">انصراف · Cancel</button>
</form>
</html>
"""
)


@routes.get(_PATH)
async def handle_page(request: web.Request) -> web.Response:
    """Show the amount and two buttons."""
    session = _session(request)
    text = _PAGE.substitute(amount=f"{session.rials:,}", status=escape(session.status))
    return web.Response(text=text, content_type="text/html")


@routes.post(_PATH)
async def handle_outcome(request: web.Request) -> web.Response:
    """Take the money, or not, and send the browser back, as a fault would have it."""
    outcome = str((await request.post()).get("outcome"))
    if outcome not in _OUTCOMES:
        raise web.HTTPUnprocessableEntity
    authority = _session(request).authority
    session = request.app[BOOKS].pay(authority, is_paid=_OUTCOMES[outcome])
    back = callback_of(session)
    fault = request.app[FAULTS].take("callback", session.authority)
    kind = fault.kind if fault else None
    if fault and kind is Kind.LATE:
        await asyncio.sleep(fault.value)
    elif kind is Kind.NEVER:
        return web.Response(text="The browser was closed.")
    elif kind is Kind.TWICE:
        await _visit(back)
    elif kind is Kind.FORGED:
        await _visit(back.update_query(n="0" * 64, Status="NOK"))
    return web.Response(status=302, headers={"Location": str(back)})


def callback_of(session: Session) -> URL:
    """Say where a payer of this session is sent back to."""
    is_paid = session.status in {"PAID", "VERIFIED"}
    return URL(session.callback_url).update_query(
        Authority=session.authority, Status="OK" if is_paid else "NOK"
    )


async def _visit(url: URL) -> None:
    """Go there as another browser would."""
    async with aiohttp.ClientSession() as client:
        await (await client.get(url, allow_redirects=False)).read()


def _session(request: web.Request) -> Session:
    session = request.app[BOOKS].find(request.match_info["authority"])
    if session is None:
        raise web.HTTPNotFound
    return session
