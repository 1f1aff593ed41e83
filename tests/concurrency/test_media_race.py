"""Two files for one last place."""

from functools import partial
from uuid import UUID

import pytest

from tests.concurrency.race import race
from tests.support.database import Connection, Database, changed, rows, value
from tests.support.factories import make_consultation, make_user
from tests.support.roles import Person, as_role

_ADD = """
    insert into app.media (consultation_id, owner_user_id, category, purpose,
        object_key, mime_type, size_bytes)
    values (%(consultation)s, %(owner)s, 'IMAGE', 'MEDICAL_DOC',
        gen_random_uuid()::text, 'image/png', 7)
"""
_GUARDS = """
    alter table app.media
        drop constraint media_place_key, drop constraint media_document_place_key
"""


def _ticket(conn: Connection, owner: Person) -> str:
    with as_role(conn, "sidecar", owner.claims):
        query = "select * from sidecar.create_upload('IMAGE', 'png', 7, null)"
        return str(rows(conn, query)[0]["upload_key"])


def _begin(conn: Connection, owner: Person, consultation: UUID, key: str) -> str:
    with as_role(conn, "sidecar", owner.claims):
        query = """
            select kept_key from sidecar.begin_registration(
                %(id)s, array[%(key)s], interval '1 minute')
        """
        return str(value(conn, query, id=consultation, key=key))


def _register(
    conn: Connection, owner: Person, consultation: UUID, key: str, kept: str
) -> None:
    with as_role(conn, "sidecar", owner.claims):
        query = """
            select sidecar.register_upload(
                %(id)s, %(key)s, %(kept)s, 'MEDICAL_DOC', null, 1, 1)
        """
        value(conn, query, id=consultation, key=key, kept=kept)


def _add(conn: Connection, owner: Person, consultation: UUID) -> None:
    changed(conn, _ADD, consultation=consultation, owner=owner.user_id)


def test_two_last_documents_registered_at_once_are_one(fresh_db: Database) -> None:
    with fresh_db.connect() as conn:
        owner = make_user(conn)
        consultation = make_consultation(conn, owner)
        for _ in range(4):
            _add(conn, owner, consultation)
        keys = [_ticket(conn, owner) for _ in range(2)]
        kept = [_begin(conn, owner, consultation, key) for key in keys]
    steps = [
        partial(_register, owner=owner, consultation=consultation, key=key, kept=copy)
        for key, copy in zip(keys, kept, strict=True)
    ]
    outcomes = race(fresh_db, steps)
    assert sorted(outcome.code for outcome in outcomes) == ["CONFLICT", "OK"]


@pytest.mark.parametrize(("guards", "fitted"), [(True, 5), (False, 6)])
def test_the_constraints_hold_where_nobody_locks(
    fresh_db: Database, guards: bool, fitted: int
) -> None:
    """Without them, both find the fifth place free: the race is real."""
    with fresh_db.connect() as conn:
        owner = make_user(conn)
        consultation = make_consultation(conn, owner)
        for _ in range(4):
            _add(conn, owner, consultation)
        if not guards:
            conn.execute(_GUARDS)
    step = partial(_add, owner=owner, consultation=consultation)
    race(fresh_db, [step, step])
    with fresh_db.connect() as conn:
        assert value(conn, "select count(*) from app.media") == fitted


def test_twenty_tickets_are_twenty_whoever_asks_at_once(fresh_db: Database) -> None:
    with fresh_db.connect() as conn:
        owner = make_user(conn)
        for _ in range(19):
            _ticket(conn, owner)
    outcomes = race(fresh_db, [partial(_ticket, owner=owner)] * 3)
    assert sorted(outcome.answer == "None" for outcome in outcomes) == [
        False,
        True,
        True,
    ]
