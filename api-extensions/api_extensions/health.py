"""/healthz: the process answers. /readyz: the database answers it."""

import psycopg
import structlog
from aiohttp import web

from api_extensions import errors
from api_extensions.envelope import success
from api_extensions.keys import DATABASE

log = structlog.get_logger()
routes = web.RouteTableDef()


@routes.get("/healthz")
async def handle_healthz(_: web.Request) -> web.Response:
    """Say that the process is alive."""
    return success({"status": "alive"})


@routes.get("/readyz")
async def handle_readyz(request: web.Request) -> web.Response:
    """Say whether requests can be served: 503 without a database."""
    try:
        await request.app[DATABASE].ping()
    except psycopg.Error as error:
        log.warning("not_ready", reason=type(error).__name__)
        raise errors.unavailable() from None
    return success({"status": "ready"})
