"""Two files for one last place."""

from functools import partial

import pytest

from tests.concurrency.race import race
from tests.support.database import Connection, Database, changed, value
from tests.support.factories import make_consultation, make_user
from tests.support.files import (
    DOCUMENT,
    PHOTO,
    VIDEO,
    VOICE_NOTE,
    Kind,
    begin_registration,
    make_media,
    make_upload,
    register,
)
from tests.support.roles import Person, as_role

# Each kind of which there may be a few, how many there are already, and what of the
# schema sees to it.
LIMITS = [
    pytest.param(DOCUMENT, 4, "constraint media_document_place_key", id="documents"),
    pytest.param(PHOTO, 9, "constraint media_place_key", id="files"),
    pytest.param(VIDEO, 0, "index app.media_video_key", id="videos"),
    pytest.param(VOICE_NOTE, 0, "index app.media_voice_note_key", id="voice notes"),
]


def _ticket(conn: Connection, owner: Person) -> str:
    """Get a ticket, or `None`."""
    with as_role(conn, "sidecar", owner.claims):
        query = """
            select upload_key from sidecar.create_upload('IMAGE', 'png', 7, null)
        """
        return str(value(conn, query))


def _add(conn: Connection, owner: Person, consultation: object, kind: Kind) -> None:
    """Add a file as nobody does: no lock, and no look at those that there are."""
    statement = """
        insert into app.media (consultation_id, owner_user_id, category, purpose,
            object_key, mime_type, size_bytes)
        values (%(consultation)s, %(owner)s, %(category)s, %(purpose)s,
            gen_random_uuid()::text, 'any/thing', 7)
    """
    changed(
        conn,
        statement,
        consultation=consultation,
        owner=owner.user_id,
        category=kind.category,
        purpose=kind.purpose,
    )


@pytest.mark.parametrize(("kind", "already", "guard"), LIMITS)
def test_two_last_files_registered_at_once_are_one(
    fresh_db: Database, kind: Kind, already: int, guard: str
) -> None:
    del guard
    with fresh_db.connect() as conn:
        owner = make_user(conn)
        consultation = make_consultation(conn, owner)
        for _ in range(already):
            make_media(conn, owner, consultation, kind)
        tickets = [
            begin_registration(conn, owner, consultation, kind) for _ in range(2)
        ]
    outcomes = race(
        fresh_db,
        [
            partial(register, owner=owner, consultation_id=consultation, ticket=ticket)
            for ticket in tickets
        ],
    )
    assert sorted(outcome.code for outcome in outcomes) == ["CONFLICT", "OK"]
    with fresh_db.connect() as conn:
        assert value(conn, "select count(*) from app.media") == already + 1


@pytest.mark.parametrize("has_guard", [True, False])
@pytest.mark.parametrize(("kind", "already", "guard"), LIMITS)
def test_the_schema_holds_where_nobody_locks(
    fresh_db: Database, kind: Kind, already: int, guard: str, has_guard: bool
) -> None:
    """Without it, both find the last place free: the race is real."""
    with fresh_db.connect() as conn:
        owner = make_user(conn)
        consultation = make_consultation(conn, owner)
        for _ in range(already):
            _add(conn, owner, consultation, kind)
        if not has_guard:
            # Two of one kind would also be in the same of the ten places.
            for each in {guard, "constraint media_place_key"}:
                table = "alter table app.media " if "constraint" in each else ""
                conn.execute(f"{table}drop {each}".encode())
    step = partial(_add, owner=owner, consultation=consultation, kind=kind)
    race(fresh_db, [step, step])
    with fresh_db.connect() as conn:
        count = value(conn, "select count(*) from app.media")
    assert count == already + (1 if has_guard else 2)


def test_twenty_tickets_are_twenty_whoever_asks_at_once(fresh_db: Database) -> None:
    with fresh_db.connect() as conn:
        owner = make_user(conn)
        for _ in range(19):
            make_upload(conn, owner)
    outcomes = race(fresh_db, [partial(_ticket, owner=owner)] * 3)
    assert sorted(outcome.answer == "None" for outcome in outcomes) == [
        False,
        True,
        True,
    ]
