"""The application: what it consists of, in the order in which it starts."""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from api_extensions import health
from api_extensions.accounts import handlers as accounts
from api_extensions.accounts import people
from api_extensions.accounts.hashing import PasswordHashing
from api_extensions.accounts.sessions import Sessions
from api_extensions.background import running
from api_extensions.db import Database
from api_extensions.envelope import envelope_middleware
from api_extensions.exports import handlers as exports
from api_extensions.files import admin as files_admin
from api_extensions.files import handlers as files
from api_extensions.files.registration import Registration
from api_extensions.files.store import Store
from api_extensions.keys import (
    DATABASE,
    EXPORTS,
    GATEWAYS,
    GAUGES,
    HASHING,
    HUB,
    MOCK,
    REFUNDER,
    REGISTRATION,
    SESSIONS,
    SETTINGS,
    SETTLER,
    STORE,
    TOKENS,
    WORKERS,
)
from api_extensions.metrics import handlers as metrics
from api_extensions.metrics.gauges import Gauges
from api_extensions.notifications import handlers as notifications
from api_extensions.notifications.hub import Hub
from api_extensions.payments import (
    admin,
    callback,
    faults,
    initiate,
    mock,
    mock_page,
)
from api_extensions.payments.refund import Refunder
from api_extensions.payments.registry import build_gateways
from api_extensions.payments.settle import Settler
from api_extensions.settings import Settings
from api_extensions.tokens import Tokens
from api_extensions.workers import build_workers

# Bytes; every body here is a handful of short fields.
MAX_BODY = 64 * 1024


def create_app(settings: Settings) -> web.Application:
    """Put the sidecar together; nothing is connected before it starts.

    Raises:
        SettingsError: when the settings name a gateway or provider that is not there.
    """
    app = web.Application(middlewares=[envelope_middleware], client_max_size=MAX_BODY)
    database = Database(settings)
    gateways = build_gateways(settings, database)
    app[SETTINGS] = settings
    app[DATABASE] = database
    app[GAUGES] = Gauges(database)
    app[TOKENS] = Tokens(settings)
    app[HASHING] = PasswordHashing()
    app[SESSIONS] = Sessions(database, app[HASHING], settings.refresh_ttl)
    app[HUB] = Hub(settings)
    app[EXPORTS] = asyncio.Semaphore(exports.AT_ONCE)
    app[GATEWAYS] = gateways
    app[SETTLER] = Settler(database, gateways)
    app[REFUNDER] = Refunder(database, gateways)
    faults.arm(settings.settle_fault)
    app[STORE] = Store(settings)
    app[REGISTRATION] = Registration(database, app[STORE])
    workers = build_workers(settings, database, gateways, app[STORE])
    app[WORKERS] = workers if settings.run_workers else []
    _add_routes(app)
    app.cleanup_ctx.extend([_pool, _hashing, _store, _gateways, _workers, _streams])
    app.on_shutdown.append(_end_streams)
    return app


def _add_routes(app: web.Application) -> None:
    modules = (
        health,
        metrics,
        accounts,
        people,
        initiate,
        callback,
        admin,
        exports,
        files,
        files_admin,
        notifications,
    )
    for module in modules:
        app.add_routes(module.routes)
    bank = mock.build(app[SETTINGS], app[DATABASE])
    if bank is not None:
        app[MOCK] = bank
        app.add_routes(mock_page.routes)


async def _pool(app: web.Application) -> AsyncIterator[None]:
    await app[DATABASE].open()
    yield
    await app[DATABASE].close()


async def _hashing(app: web.Application) -> AsyncIterator[None]:
    yield
    app[HASHING].close()


async def _store(app: web.Application) -> AsyncIterator[None]:
    await app[STORE].open()
    yield
    await app[STORE].close()


async def _gateways(app: web.Application) -> AsyncIterator[None]:
    yield
    await app[GATEWAYS].close()


async def _workers(app: web.Application) -> AsyncIterator[None]:
    async with running(app[WORKERS]):
        yield


async def _streams(app: web.Application) -> AsyncIterator[None]:
    async with running([app[HUB]]):
        yield


async def _end_streams(app: web.Application) -> None:
    """End what would otherwise keep the process for as long as clients like."""
    app[HUB].end_all()
