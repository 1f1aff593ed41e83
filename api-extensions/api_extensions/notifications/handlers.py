"""GET /api/v1/notifications/stream: server-sent events for whoever is signed in."""

import asyncio
from datetime import datetime

import structlog
from aiohttp import hdrs, web

from api_extensions.callers import caller_of
from api_extensions.keys import DATABASE, HUB
from api_extensions.notifications import queries
from api_extensions.notifications.hub import wait_until_followed
from api_extensions.notifications.resume import (
    MAX_MISSED,
    read_position,
    spell_missed,
)
from api_extensions.notifications.stream import Stream
from api_extensions.tokens import Caller

log = structlog.get_logger()
routes = web.RouteTableDef()

# Seconds: between signs of life; that a client may take to read; to get started.
HEARTBEAT_INTERVAL, WRITE_TIMEOUT, OPEN_TIMEOUT = 15.0, 10.0, 5.0
# What a client waits (milliseconds) before it comes back after the end.
_RETRY = b"retry: 2000\n\n"
_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}


@routes.get("/api/v1/notifications/stream")
async def handle_stream(request: web.Request) -> web.StreamResponse:
    """Push notifications until the client goes or its session ends.

    The access token is looked at now; later only the session counts.
    """
    caller = caller_of(request)
    since = read_position(request)
    hub = request.app[HUB]
    stream = hub.open(caller)
    try:
        await wait_until_followed(stream, OPEN_TIMEOUT)
        missed = await _missed(request, caller, since)
        response = web.StreamResponse(headers=_HEADERS)
        await response.prepare(request)
        if request.method != hdrs.METH_HEAD:
            await _write(request, response, _RETRY + missed)
            await _pour(request, response, stream)
        return response
    finally:
        hub.close(stream)


async def _missed(
    request: web.Request, caller: Caller, since: datetime | None
) -> bytes:
    """Spell what the client has missed; refuses a dead session besides."""
    async with request.app[DATABASE].as_caller(caller) as connection:
        if since is None:
            return b""
        found = await queries.written_since(connection, since, MAX_MISSED + 1)
    return spell_missed(found)


async def _pour(
    request: web.Request, response: web.StreamResponse, stream: Stream
) -> None:
    while (events := await stream.take(HEARTBEAT_INTERVAL)) is not None:
        if not await _write(request, response, events):
            return


async def _write(
    request: web.Request, response: web.StreamResponse, data: bytes
) -> bool:
    """Write, and tell whether there is still somebody who reads."""
    try:
        async with asyncio.timeout(WRITE_TIMEOUT):
            await response.write(data)
    except ConnectionError:
        return False
    except TimeoutError:
        log.info("slow_stream_dropped")
        if request.transport:
            request.transport.abort()
        return False
    return True
