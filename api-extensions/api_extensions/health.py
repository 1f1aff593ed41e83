"""/healthz: the process answers. /readyz: the database answers it."""

import asyncio

import psycopg
import structlog
from aiohttp import web

from api_extensions import errors
from api_extensions.envelope import success
from api_extensions.keys import DATABASE

log = structlog.get_logger()
routes = web.RouteTableDef()

# Seconds; whoever asks wants to know now.
READY_TIMEOUT = 2.0


@routes.get("/healthz")
async def handle_healthz(_: web.Request) -> web.Response:
    """Say that the process is alive."""
    return success({"status": "alive"})


@routes.get("/readyz")
async def handle_readyz(request: web.Request) -> web.Response:
    """Say whether requests can be served: 503 without a database."""
    try:
        async with asyncio.timeout(READY_TIMEOUT):
            await request.app[DATABASE].ping()
    except (psycopg.Error, TimeoutError) as error:
        log.warning("not_ready", reason=type(error).__name__)
        raise errors.unavailable() from None
    return success({"status": "ready"})
