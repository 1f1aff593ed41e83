"""Coming back: nothing is missed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from api_extensions.notifications import handlers, resume
from tests.extensions.streams.client import Streams, next_event, notify
from tests.extensions.streams.conftest import Play
from tests.support.database import Database, value
from tests.support.roles import Person


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


@pytest.mark.parametrize(
    "last",
    [
        "yesterday",
        "6f1b2d7e-9c1a-4a5e-8f53-0e7a1c2b3d4e",  # of another version
        "ffffffff-ffff-7fff-bfff-ffffffffffff",  # made in the year 10889
    ],
)
def test_a_last_event_that_is_none_of_ours_is_refused(
    people: dict[str, Person], play: Callable[[Play], None], last: str
) -> None:
    async def act(streams: Streams) -> None:
        response = await streams.ask(people["owner"], **{"Last-Event-ID": last})
        body = await response.json()
        assert (response.status, body["error"]["code"]) == (422, "VALIDATION_FAILED")

    play(act)


def test_the_moment_of_an_event_is_read_from_its_id(fresh_db: Database) -> None:
    with fresh_db.connect() as conn:
        made: UUID = value(conn, "select app.new_id()")
        now: datetime = value(conn, "select clock_timestamp()")
    moment = resume.moment_of(str(made))
    assert abs(moment - now.astimezone(UTC)) < timedelta(seconds=5)
