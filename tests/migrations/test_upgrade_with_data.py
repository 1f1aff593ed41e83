"""A database with data in it survives the migrations that are not released yet.

On empty tables almost every migration works; production's tables are not empty.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from db.migrate import MigrationError, migrate
from db.prepare import prepare_database
from db.tools.history import frozen_hashes, migration_files
from db.tools.paths import MIGRATIONS_DIR
from db.tools.scratch import ScratchServer
from tests.support.database import Connection, Database, one, rows, value

JOURNEY = Path(__file__).with_name("journey.sql")
# What somebody was told must not change under them.
STATES = {
    "consultations": "select id, status::text from app.consultations",
    "appointments": "select id, status::text, start_at from app.appointments",
    "payments": "select id, status::text, amount_toman, ref_id from app.payments",
    "refunds": "select id, status::text, amount_toman from app.refunds",
    "sms": "select id, status::text, body from app.sms_messages",
    "media": "select id, object_key, mime_type, size_bytes from app.media",
}
YOYO_TABLES = """
    select count(*) from pg_class
    where relnamespace = 'yoyo'::regnamespace and relkind = 'r'
"""
TABLES = """
    select relname from pg_class
    where relnamespace = 'app'::regnamespace and relkind in ('r', 'p')
    order by 1
"""


@pytest.fixture(scope="module")
def release(server: ScratchServer) -> Iterator[Database]:
    """A database as the last release left it, with data; tests clone it.

    Before the first release it is the one that the first migration makes.
    """
    frozen = len(frozen_hashes())
    last = migration_files()[max(frozen, 1) - 1]
    with server.database("release") as name:
        db = Database(server, name)
        _migrate(db, last=last.id)
        with psycopg.connect(db.url()) as conn:
            conn.execute(JOURNEY.read_bytes())
        yield db


@pytest.fixture
def released_db(release: Database) -> Iterator[Database]:
    """A test's own copy of the release, to migrate on."""
    server = release.server
    with server.clone(release.name, "released") as name:
        prepare_database(server.url("postgres"), name)
        yield Database(server, name)


def _migrate(
    db: Database, directory: Path = MIGRATIONS_DIR, last: str | None = None
) -> list[str]:
    url = db.url("migrator")
    return migrate(url, directory, last=last, report=lambda _: None)


def _states(conn: Connection) -> dict[str, Any]:
    return {
        name: {row["id"]: row for row in rows(conn, query)}
        for name, query in STATES.items()
    }


def test_the_journey_fills_every_table(released_db: Database) -> None:
    with released_db.connect() as conn:
        tables = [row["relname"] for row in rows(conn, TABLES)]
        empty = [t for t in tables if not value(conn, f"select count(*) from app.{t}")]
        assert empty == []
        assert rows(conn, "select * from app.invariants()") == []
        found = {row["status"] for row in _states(conn)["consultations"].values()}
    assert found == {"SCHEDULED", "DETAILS_SUBMITTED", "CANCELED", "PAYMENT_INITIATED"}


def test_the_rest_is_applied_and_the_data_stands(released_db: Database) -> None:
    with released_db.connect() as conn:
        before = _states(conn)
    _migrate(released_db)
    with released_db.connect() as conn:
        after = _states(conn)
        assert rows(conn, "select * from app.invariants()") == []
        assert value(conn, YOYO_TABLES) == 4  # none of ours went astray
    for name, known in before.items():
        assert known
        assert {key: after[name].get(key) for key in known} == known, name


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        (
            "alter table app.pets add column colour text not null",
            "contains null values",
        ),
        (
            "alter table app.appointments add check (doctor_id is null)",
            "is violated by some row",
        ),
        (
            "create unique index payments_user_id_key on app.payments (user_id)",
            "could not create unique index",
        ),
    ],
)
def test_a_migration_for_empty_tables_only_is_found(
    released_db: Database, tmp_path: Path, statement: str, complaint: str
) -> None:
    shutil.copytree(MIGRATIONS_DIR, tmp_path / "migrations")
    history = migration_files(tmp_path / "migrations")
    bad = tmp_path / "migrations" / f"{len(history) + 1:04}_bad.sql"
    bad.write_text(f"-- depends: {history[-1].id}\n{statement};\n")
    with pytest.raises(MigrationError, match=rf"_bad\.sql.*{complaint}"):
        _migrate(released_db, tmp_path / "migrations")


def test_what_is_refused_now_is_mended(server: ScratchServer) -> None:
    """Or who bears such a name could not even sign in: the constraint refuses it."""
    people = """
        with person as (
            insert into app.users (role, name, mobile)
            values ('DOCTOR', chr(8203), '09120000001') returning id
        ), doctor as (
            insert into app.doctors (user_id, display_name)
            select id, chr(8204) from person
        )
        insert into app.pets (user_id, type, name, breed)
        select id, 'CAT', chr(8205), chr(8206) from person
    """
    settings = """
        update app.system_config
        set sms_moved_template = chr(8203), sms_canceled_template = chr(8203),
            open_weekdays = '{6,1,6,3,1}'
    """
    query = """
        select u.name as person, d.display_name as doctor, p.name as pet, p.breed,
            c.open_weekdays,
            app.is_sms_template(c.sms_moved_template, true)
                and app.is_sms_template(c.sms_canceled_template) as are_templates
        from app.users u, app.doctors d, app.pets p, app.system_config c
    """
    with server.database("blank") as name:
        db = Database(server, name)
        _migrate(db, last="0025_tell_of_hours_before_slots")
        with db.connect() as conn:
            conn.execute(people)
            conn.execute(settings)
        _migrate(db)
        with db.connect() as conn:
            found = one(conn, query)
    assert found == {
        "open_weekdays": [6, 1, 3],
        "person": "—",
        "doctor": "—",
        "pet": "—",
        "breed": None,
        "are_templates": True,
    }
