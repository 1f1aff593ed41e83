"""/healthz: the process answers. /readyz: it can do its work."""

import asyncio
from pathlib import Path

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
# Part of the checkout, and of the image: what this code was written for.
_MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
NEEDED_MIGRATION = max((p.name[:4] for p in _MIGRATIONS.glob("*.sql")), default="")


@routes.get("/healthz")
async def handle_healthz(_: web.Request) -> web.Response:
    """Say that the process is alive."""
    return success({"status": "alive"})


@routes.get("/readyz")
async def handle_readyz(request: web.Request) -> web.Response:
    """Say whether requests can be served: 503 without a database that is up to date.

    A gateway, an SMS provider or the object store that is away is no reason: most
    requests do without, and replacing this process would help none of the others.
    """
    try:
        async with asyncio.timeout(READY_TIMEOUT):
            found = await request.app[DATABASE].last_migration()
    except (psycopg.Error, TimeoutError) as error:
        log.warning("not_ready", reason=type(error).__name__)
        raise errors.unavailable() from None
    # A newer database serves us too (CONTRIBUTING.md: expand, then contract).
    if found is not None and found[:4] < NEEDED_MIGRATION:
        log.error("not_ready", reason="migrations are missing", newest=found)
        raise errors.unavailable()
    return success({"status": "ready"})
