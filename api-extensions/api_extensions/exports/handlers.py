"""GET /api/v1/admin/export/*.csv: the lists as files, as long as they may be."""

import asyncio

from aiohttp import web

from api_extensions import errors
from api_extensions.callers import caller_of
from api_extensions.exports import kinds
from api_extensions.exports.export import Export
from api_extensions.exports.kinds import Kind
from api_extensions.keys import EXPORTS

routes = web.RouteTableDef()

# Each keeps a connection of the pool for as long as it lasts.
AT_ONCE = 2
# Seconds between looks whether the client is still there.
LOOK_INTERVAL = 0.5
_CLIENT_GONE = 499


@routes.get("/api/v1/admin/export/consultations.csv")
async def handle_consultations(request: web.Request) -> web.StreamResponse:
    """Export consultations, by the filters of their list."""
    return await _export(request, kinds.CONSULTATIONS)


@routes.get("/api/v1/admin/export/payments.csv")
async def handle_payments(request: web.Request) -> web.StreamResponse:
    """Export payments, by the filters of their list."""
    return await _export(request, kinds.PAYMENTS)


@routes.get("/api/v1/admin/export/summary.csv")
async def handle_summary(request: web.Request) -> web.StreamResponse:
    """Export what became of the calls, by day and doctor."""
    return await _export(request, kinds.SUMMARY)


async def _export(request: web.Request, kind: Kind) -> web.StreamResponse:
    """Stream until the end, or until the client goes, which ends the query too."""
    export = Export(request, kind, caller_of(request), _read_query(request, kind))
    at_once = request.app[EXPORTS]
    if at_once.locked():
        raise errors.unavailable()
    async with at_once:
        work = asyncio.create_task(export.stream())
        gone = asyncio.create_task(_until_gone(request))
        try:
            await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return work.result()
        finally:
            for task in (work, gone):
                task.cancel()
            await asyncio.wait({work, gone})
    return web.Response(status=_CLIENT_GONE)


async def _until_gone(request: web.Request) -> None:
    """Return when the client has hung up, which aiohttp announces to nobody."""
    while _is_there(request):  # noqa: ASYNC110 - there is no event for it
        await asyncio.sleep(LOOK_INTERVAL)


def _is_there(request: web.Request) -> bool:
    return request.transport is not None and not request.transport.is_closing()


def _read_query(request: web.Request, kind: Kind) -> dict[str, str]:
    query = request.query
    complaints = dict.fromkeys(query.keys() - kind.filters, "is not known here")
    for name in query:
        if len(query.getall(name)) > 1:
            complaints[name] = "is given more than once"
        elif "\0" in query[name]:
            complaints[name] = "is not valid"
    if complaints:
        raise errors.invalid_fields(complaints)
    return dict(query)
