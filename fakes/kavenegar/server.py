"""The fake's two methods. A result code is the HTTP status as well, as in life."""

import asyncio
from typing import Any

from aiohttp import web

from fakes.kavenegar.books import Books
from fakes.mishaps import Mishap, Mishaps

API_KEY = "4A6b8C1d3E5f7G9h"
MAX_LENGTH = 900
# Seconds: longer than any client waits.
TOO_LONG = 3600.0

OK, BAD_KEY, BUSY, NOT_FOUND = 200, 403, 409, 404
BAD_RECEPTOR, BAD_MESSAGE = 411, 413
# The status of a message that is not there.
INVALID_ID = 100


def create_app(
    books: Books,
    mishaps: Mishaps | None = None,
    *,
    code: int = OK,
    latency: float = 0.0,
) -> web.Application:
    """Make the fake.

    Args:
        books: what it writes its messages into.
        mishaps: what goes wrong; nothing by default.
        code: answered to everything, without obeying, unless it is 200.
        latency: seconds that an answer takes.
    """
    fake = _Fake(books, mishaps or Mishaps(), code, latency)
    app = web.Application()
    app.router.add_route("*", "/v1/{key}/sms/send.json", fake.send)
    app.router.add_route("*", "/v1/{key}/sms/status.json", fake.status)
    return app


class _Fake:
    def __init__(
        self, books: Books, mishaps: Mishaps, code: int, latency: float
    ) -> None:
        self._books = books
        self._mishaps = mishaps
        self._code = code
        self._latency = latency

    async def send(self, request: web.Request) -> web.StreamResponse:
        """Obey `sms/send`, or what the mishap makes of it."""
        self._books.requests += 1
        mishap = self._mishaps.next()
        if mishap is Mishap.LOST:
            return _break_off(request)
        form = await request.post()
        refusal = self._refusal(request, mishap, form)
        if refusal != OK:
            return _answer(refusal)
        record = self._books.send(
            receptor=str(form["receptor"]),
            message=str(form["message"]),
            localid=str(form.get("localid", "")),
        )
        return await self._reply(request, mishap, [record.entry()])

    async def _reply(
        self, request: web.Request, mishap: Mishap, entries: list[dict[str, Any]]
    ) -> web.StreamResponse:
        if mishap is Mishap.UNANSWERED:
            return _break_off(request)
        if mishap is Mishap.GARBLED:
            return web.Response(text="<html>502 Bad Gateway</html>", status=502)
        await asyncio.sleep(TOO_LONG if mishap is Mishap.HANGING else self._latency)
        return _answer(OK, entries)

    def _refusal(self, request: web.Request, mishap: Mishap, form: Any) -> int:
        if self._code != OK:
            return self._code
        if request.match_info["key"] != API_KEY:
            return BAD_KEY
        if mishap is Mishap.BUSY:
            return BUSY
        if not str(form.get("receptor", "")).startswith(("09", "9", "+989", "00989")):
            return BAD_RECEPTOR
        if not 0 < len(str(form.get("message", ""))) <= MAX_LENGTH:
            return BAD_MESSAGE
        return OK

    async def status(self, request: web.Request) -> web.StreamResponse:
        """Obey `sms/status`."""
        if self._code != OK:
            return _answer(self._code)
        form = await request.post() or request.query
        entries = []
        for messageid in str(form["messageid"]).split(","):
            record = self._books.find(messageid)
            status = record.status if record else INVALID_ID
            entries.append({"messageid": int(messageid), "status": status})
        return _answer(OK, entries)


def _answer(code: int, entries: list[dict[str, Any]] | None = None) -> web.Response:
    envelope = {"status": code, "message": "تایید شد" if code == OK else "خطا"}
    return web.json_response({"return": envelope, "entries": entries}, status=code)


def _break_off(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response()
