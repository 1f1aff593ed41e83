"""The fake's two methods. HTTP says 200, 400, 401, 429 or 500; `status` says what."""

import asyncio
from typing import Any

from aiohttp import web

from fakes.mishaps import Mishap, Mishaps
from fakes.smsir.books import Books

API_KEY = "Xk3v9Qm2Lr7Tz5Wb"
LINE = 30007732
# Seconds: longer than any client waits.
TOO_LONG = 3600.0

OK, BAD_KEY, BUSY, BAD_LINE, NO_SUCH_ID = 1, 10, 20, 101, 111
_HTTP_STATUSES = {OK: 200, 0: 500, BAD_KEY: 401, 11: 401, BUSY: 429}
_LOGICAL_ERROR = 400


def create_app(
    books: Books, mishaps: Mishaps | None = None, *, code: int = OK
) -> web.Application:
    """Make the fake.

    Args:
        books: what it writes its messages into.
        mishaps: what goes wrong; nothing by default.
        code: answered to everything, without obeying, unless it is 1.
    """
    fake = _Fake(books, mishaps or Mishaps(), code)
    app = web.Application()
    app.router.add_post("/v1/send/bulk", fake.send)
    app.router.add_get("/v1/send/{message_id}", fake.report)
    return app


class _Fake:
    def __init__(self, books: Books, mishaps: Mishaps, code: int) -> None:
        self._books = books
        self._mishaps = mishaps
        self._code = code

    async def send(self, request: web.Request) -> web.StreamResponse:
        """Obey `send/bulk`, or what the mishap makes of it."""
        self._books.requests += 1
        mishap = self._mishaps.next()
        if mishap is Mishap.LOST:
            return _break_off(request)
        content = await request.json()
        refusal = self._refusal(request, mishap)
        if refusal == OK and content["lineNumber"] != LINE:
            refusal = BAD_LINE
        if refusal != OK:
            return _answer(refusal)
        text = content["messageText"]
        ids = [self._books.send(mobile, text) for mobile in content["mobiles"]]
        if mishap is Mishap.UNANSWERED:
            return _break_off(request)
        if mishap is Mishap.GARBLED:
            return web.Response(text="<html>502 Bad Gateway</html>", status=502)
        if mishap is Mishap.HANGING:
            await asyncio.sleep(TOO_LONG)
        return _answer(OK, {"packId": "p", "messageIds": ids, "cost": 1.0})

    def _refusal(self, request: web.Request, mishap: Mishap) -> int:
        if self._code != OK:
            return self._code
        if request.headers.get("X-API-KEY") != API_KEY:
            return BAD_KEY
        return BUSY if mishap is Mishap.BUSY else OK

    async def report(self, request: web.Request) -> web.StreamResponse:
        """Obey `send/{messageId}`."""
        if self._refusal(request, Mishap.NONE) != OK:
            return _answer(self._refusal(request, Mishap.NONE))
        wanted = request.match_info["message_id"]
        for record in self._books.records:
            if str(record.message_id) == wanted:
                state = record.delivery_state
                return _answer(
                    OK, {"messageId": record.message_id, "deliveryState": state}
                )
        return _answer(NO_SUCH_ID)


def _answer(code: int, data: dict[str, Any] | None = None) -> web.Response:
    body = {"status": code, "message": "موفق" if code == OK else "خطا", "data": data}
    return web.json_response(body, status=_HTTP_STATUSES.get(code, _LOGICAL_ERROR))


def _break_off(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response()
