"""People, and a sidecar that lasts as long as a play."""

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from api_extensions.app import create_app
from tests.extensions.conftest import Load
from tests.extensions.streams.client import Streams
from tests.support.database import Database
from tests.support.factories import make_admin, make_doctor, make_user
from tests.support.roles import Person

Play = Callable[[Streams], Awaitable[None]]


@pytest.fixture
def people(fresh_db: Database) -> dict[str, Person]:
    """An owner, a doctor and an admin."""
    with fresh_db.connect() as conn:
        return {
            "owner": make_user(conn),
            "doctor": make_doctor(conn),
            "admin": make_admin(conn),
        }


@pytest.fixture
def play(fresh_db: Database, load: Load) -> Callable[[Play], None]:
    """Run the sidecar, without workers, for as long as a play lasts."""
    settings = load(DATABASE_URL=fresh_db.url("sidecar"), RUN_WORKERS="false")

    async def run(act: Play) -> None:
        connector = aiohttp.TCPConnector(limit=0)
        async with (
            TestServer(create_app(settings)) as server,
            aiohttp.ClientSession(connector=connector) as client,
        ):
            streams = Streams(server, client, settings)
            try:
                await act(streams)
            finally:
                streams.close()

    return lambda act: asyncio.run(run(act))
