"""Notification streams on a real database: whose they are, and that none is missed."""

from collections.abc import Callable

import psycopg
import pytest

from api_extensions import errors
from api_extensions.notifications import hub
from api_extensions.tokens import Caller, Tokens
from tests.extensions.streams.client import Streams, next_event, notify
from tests.extensions.streams.conftest import Play
from tests.support.database import Database, changed
from tests.support.roles import Person


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
