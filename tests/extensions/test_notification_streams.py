"""Notification streams on a real database: whose they are, and that none is missed."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import aiohttp
import psycopg
import pytest
from aiohttp.test_utils import BaseTestServer, TestServer

from api_extensions import errors
from api_extensions.app import create_app
from api_extensions.notifications import handlers, hub, resume, stream
from api_extensions.settings import Settings
from api_extensions.tokens import Caller, Tokens
from tests.extensions.conftest import Load
from tests.support.database import Connection, Database, changed, value
from tests.support.events import PATH
from tests.support.factories import make_admin, make_doctor, make_user
from tests.support.roles import Person

Play = Callable[["Streams"], Awaitable[None]]


class Streams:
    """The sidecar in this process, and clients of its streams."""

    def __init__(
        self,
        server: BaseTestServer,
        client: aiohttp.ClientSession,
        settings: Settings,
    ) -> None:
        self.server = server
        self.client = client
        self.opened: list[aiohttp.ClientResponse] = []
        self._tokens = Tokens(settings)

    def token(self, person: Person) -> str:
        """Make an access token for a person."""
        return self._tokens.make_access(
            user_id=person.user_id,
            role=person.db_role,
            session_id=person.session_id,
        )

    async def ask(self, person: Person, **headers: str) -> aiohttp.ClientResponse:
        """Ask for a stream."""
        sent = {"Authorization": f"Bearer {self.token(person)}"} | headers
        response = await self.client.get(self.server.make_url(PATH), headers=sent)
        self.opened.append(response)
        return response

    def close(self) -> None:
        """Go away from all of them."""
        for response in self.opened:
            response.close()

    async def open(self, person: Person, last: str = "") -> aiohttp.ClientResponse:
        """Open a stream, and wait until it has begun."""
        headers = {"Last-Event-ID": last} if last else {}
        response = await self.ask(person, **headers)
        assert response.status == 200, await response.text()
        assert (await response.content.readline()).startswith(b"retry:")
        return response


async def next_event(response: aiohttp.ClientResponse) -> dict[str, Any]:
    """Read the next event; its data has the id and type of the event."""
    fields: dict[str, str] = {}
    while line := (await response.content.readline()).decode():
        name, _, text = line.rstrip("\n").partition(": ")
        fields[name] = text
        if line == "\n" and "data" in fields:
            data: dict[str, Any] = json.loads(fields["data"])
            assert fields.get("id") == data.get("id")
            assert data.get("type", "RESYNC") == fields["event"]
            return data
    raise EOFError("the stream has ended")


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


def notify(conn: Connection, person: Person, number: int = 1) -> None:
    """Notify a person; admins are notified together."""
    payload = json.dumps({"consultation_id": f"{number}"})
    if person.db_role == "app_admin":
        query = "select app.notify_admins('NEW_CONSULTATION', %(payload)s)"
        value(conn, query, payload=payload)
    else:
        query = "select app.notify_user(%(id)s, 'PAYMENT_SUCCESS', %(payload)s)"
        value(conn, query, id=person.user_id, payload=payload)


def test_everybody_hears_their_own_news_and_nobody_elses(
    fresh_db: Database, people: dict[str, Person], play: Callable[[Play], None]
) -> None:
    async def act(streams: Streams) -> None:
        opened = {name: await streams.open(person) for name, person in people.items()}
        for number, person in enumerate(people.values()):
            with fresh_db.connect() as conn:
                notify(conn, person, number)
        for number, response in enumerate(opened.values()):
            heard = await next_event(response)
            assert heard["payload"] == {"consultationId": f"{number}"}
            assert set(heard) == {"id", "type", "payload", "isRead", "createdAt"}
            assert heard["createdAt"].endswith("+03:30")

    play(act)


def test_what_is_committed_late_is_heard_although_it_is_older(
    fresh_db: Database, people: dict[str, Person], play: Callable[[Play], None]
) -> None:
    async def act(streams: Streams) -> None:
        response = await streams.open(people["owner"])
        with fresh_db.connect() as slow:
            notify(slow, people["owner"], 1)
            with fresh_db.connect() as quick:
                notify(quick, people["owner"], 2)
            first = await next_event(response)
        second = await next_event(response)
        with fresh_db.connect() as conn:
            notify(conn, people["owner"], 3)
        third = await next_event(response)
        numbers = [
            event["payload"]["consultationId"] for event in (first, second, third)
        ]
        assert numbers == ["2", "1", "3"]  # none twice
        assert second["id"] < first["id"]

    play(act)


def test_a_client_that_comes_back_misses_nothing(
    fresh_db: Database, people: dict[str, Person], play: Callable[[Play], None]
) -> None:
    """Not even what was begun before its last event, and committed after it."""
    owner = people["owner"]

    async def act(streams: Streams) -> None:
        response = await streams.open(owner)
        slow = fresh_db.connect()
        notify(slow, owner, 1)
        with fresh_db.connect() as conn:
            notify(conn, owner, 2)
        last = await next_event(response)
        response.close()
        slow.commit()
        slow.close()
        with fresh_db.connect() as conn:
            notify(conn, owner, 3)
            notify(conn, people["doctor"], 4)
        again = await streams.open(owner, last["id"])
        heard = [await next_event(again) for _ in range(3)]
        assert [e["payload"]["consultationId"] for e in heard] == ["1", "2", "3"]
        assert heard[1]["id"] == last["id"]  # a client drops what it has

    play(act)


def test_who_has_missed_too_much_is_told_to_read_the_list(
    fresh_db: Database,
    people: dict[str, Person],
    play: Callable[[Play], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handlers, "MAX_MISSED", 3)
    monkeypatch.setattr(resume, "MAX_MISSED", 3)
    with fresh_db.connect() as conn:
        for number in range(4):
            notify(conn, people["owner"], number)
        last = value(conn, "select min(id::text) from app.notifications")

    async def act(streams: Streams) -> None:
        response = await streams.open(people["owner"], last)
        assert await next_event(response) == {}

    play(act)


@pytest.mark.parametrize("last", ["yesterday", "6f1b2d7e-9c1a-4a5e-8f53-0e7a1c2b3d4e"])
def test_a_last_event_that_is_none_of_ours_is_refused(
    people: dict[str, Person], play: Callable[[Play], None], last: str
) -> None:
    async def act(streams: Streams) -> None:
        response = await streams.ask(people["owner"], **{"Last-Event-ID": last})
        body = await response.json()
        assert (response.status, body["error"]["code"]) == (422, "VALIDATION_FAILED")

    play(act)


@pytest.mark.parametrize(
    "ending",
    [
        "update app.sessions set revoked_at = clock_timestamp() where id = %(session)s",
        "update app.sessions set expires_at = clock_timestamp() where id = %(session)s",
        "update app.users set is_active = false where id = %(user)s",
        "update app.users set role = 'ADMIN' where id = %(user)s",
    ],
)
def test_a_stream_ends_with_its_session_and_no_other_with_it(
    fresh_db: Database,
    people: dict[str, Person],
    play: Callable[[Play], None],
    monkeypatch: pytest.MonkeyPatch,
    ending: str,
) -> None:
    monkeypatch.setattr(hub, "POLL_INTERVAL", 0.05)
    owner, admin = people["owner"], people["admin"]

    async def act(streams: Streams) -> None:
        response, other = await streams.open(owner), await streams.open(admin)
        with fresh_db.connect() as conn:
            ids = {"session": owner.session_id, "user": owner.user_id}
            assert changed(conn, ending, **ids) == 1
        with pytest.raises(EOFError):
            await next_event(response)
        with fresh_db.connect() as conn:
            notify(conn, admin)
        assert (await next_event(other))["type"] == "NEW_CONSULTATION"
        refused = await streams.ask(owner)
        assert refused.status == 401

    play(act)


def test_a_stream_outlives_its_access_token(
    fresh_db: Database,
    people: dict[str, Person],
    play: Callable[[Play], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub, "POLL_INTERVAL", 0.05)

    def expire(_: Tokens, token: str) -> Caller:
        raise errors.unauthenticated(f"{len(token)} characters, all expired")

    async def act(streams: Streams) -> None:
        response = await streams.open(people["owner"])
        monkeypatch.setattr(Tokens, "read_access", expire)
        assert (await streams.ask(people["owner"])).status == 401
        with fresh_db.connect() as conn:
            notify(conn, people["owner"])
        assert await next_event(response)

    play(act)


def test_a_lost_connection_delays_and_loses_nothing(
    fresh_db: Database, people: dict[str, Person], play: Callable[[Play], None]
) -> None:
    async def act(streams: Streams) -> None:
        response = await streams.open(people["owner"])
        with psycopg.connect(fresh_db.url(), autocommit=True) as superuser:
            superuser.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name = 'notification-streams'"
                " and datname = current_database()"
            )
        with fresh_db.connect() as conn:
            notify(conn, people["owner"])
        assert await next_event(response)

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


def notify_all(database: Database, person: Person) -> None:
    """Notify a person in a transaction of its own."""
    with database.connect() as conn:
        notify(conn, person)


def test_five_hundred_streams_cost_one_connection(
    fresh_db: Database, play: Callable[[Play], None]
) -> None:
    count = 500
    with fresh_db.connect() as conn:
        people = [make_user(conn) for _ in range(count)]

    async def act(streams: Streams) -> None:
        opened = await asyncio.gather(*(streams.open(person) for person in people))
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


def sidecar_connections(database: Database) -> dict[str, int]:
    """Count the sidecar's connections by what they are for."""
    with psycopg.connect(database.url()) as superuser:
        rows = superuser.execute(
            "select application_name, count(*) from pg_stat_activity"
            " where usename = 'sidecar' and datname = current_database() group by 1"
        ).fetchall()
    return dict(rows)


def test_the_moment_of_an_event_is_read_from_its_id(fresh_db: Database) -> None:
    with fresh_db.connect() as conn:
        made: UUID = value(conn, "select app.new_id()")
        now: datetime = value(conn, "select clock_timestamp()")
    moment = resume.moment_of(str(made))
    assert abs(moment - now.astimezone(UTC)) < timedelta(seconds=5)
