"""What streams cost, and what becomes of those that cost too much."""

import asyncio
from collections.abc import Callable

import aiohttp
import psycopg
import pytest
from aiohttp.test_utils import TestServer

from api_extensions.app import create_app
from api_extensions.notifications import handlers, stream
from tests.extensions.conftest import Load
from tests.extensions.streams.client import Streams, next_event, notify, notify_all
from tests.extensions.streams.conftest import Play
from tests.support.database import Database
from tests.support.factories import make_user
from tests.support.roles import Person


def test_a_client_that_does_not_read_is_dropped(
    fresh_db: Database,
    people: dict[str, Person],
    play: Callable[[Play], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream, "MAX_WAITING", 5)

    async def act(streams: Streams) -> None:
        response = await streams.open(people["owner"])
        with fresh_db.connect() as conn:  # all at once: nothing is written in between
            for number in range(20):
                notify(conn, people["owner"], number)
        heard = [await next_event(response) for _ in range(5)]
        with pytest.raises(EOFError):
            await next_event(response)
        again = await streams.open(people["owner"], heard[-1]["id"])
        known = {event["id"] for event in heard}
        known |= {(await next_event(again))["id"] for _ in range(20)}
        assert len(known) == 20

    play(act)


def test_a_person_may_have_only_so_many_streams(
    fresh_db: Database, load: Load, people: dict[str, Person]
) -> None:
    settings = load(
        DATABASE_URL=fresh_db.url("sidecar"), RUN_WORKERS="false", STREAMS_PER_USER="2"
    )

    async def run() -> None:
        async with (
            TestServer(create_app(settings)) as server,
            aiohttp.ClientSession() as client,
        ):
            streams = Streams(server, client, settings)
            first = await streams.open(people["owner"])
            await streams.open(people["owner"])
            refused = await streams.ask(people["owner"])
            assert (refused.status, refused.headers["Retry-After"]) == (429, "3")
            assert (await streams.open(people["admin"])).status == 200
            first.close()
            while (await streams.ask(people["owner"])).status != 200:
                notify_all(fresh_db, people["owner"])  # a write finds that it is gone
            streams.close()

    asyncio.run(run())


def test_five_hundred_streams_cost_one_connection(
    fresh_db: Database, play: Callable[[Play], None]
) -> None:
    count, at_once = 500, 50  # more could wait for the pool longer than it allows
    with fresh_db.connect() as conn:
        people = [make_user(conn) for _ in range(count)]

    async def act(streams: Streams) -> None:
        opened = []
        for first in range(0, count, at_once):
            some = people[first : first + at_once]
            opened += await asyncio.gather(*(streams.open(person) for person in some))
        with fresh_db.connect() as conn:
            for number, person in enumerate(people):
                notify(conn, person, number)
        heard = await asyncio.gather(*(next_event(response) for response in opened))
        numbers = [event["payload"]["consultationId"] for event in heard]
        assert numbers == [f"{number}" for number in range(count)]
        connections = sidecar_connections(fresh_db)
        assert connections.pop("notification-streams") == 1
        # The pool, which opening used: never more than it may have.
        assert sum(connections.values()) <= 10

    play(act)


def test_a_quiet_stream_shows_signs_of_life(
    people: dict[str, Person],
    play: Callable[[Play], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handlers, "HEARTBEAT_INTERVAL", 0.01)

    async def act(streams: Streams) -> None:
        response = await streams.open(people["owner"])
        read = [await response.content.readline() for _ in range(5)]
        assert read == [b"\n", b": \n", b"\n", b": \n", b"\n"]

    play(act)


def sidecar_connections(database: Database) -> dict[str, int]:
    """Count the sidecar's connections by what they are for."""
    with psycopg.connect(database.url()) as superuser:
        rows = superuser.execute(
            "select application_name, count(*) from pg_stat_activity"
            " where usename = 'sidecar' and datname = current_database() group by 1"
        ).fetchall()
    return dict(rows)
