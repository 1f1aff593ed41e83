"""Migrating: in order, once, all or nothing, whoever else runs or was killed."""

import os
import pwd
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import psycopg
import pytest

from db import migrate as command
from db.migrate import MigrationError, mark, migrate
from db.tools.freeze import freeze
from db.tools.history import HistoryError
from db.tools.paths import MIGRATIONS_DIR, ROOT
from tests.migrations.conftest import WriteMigration
from tests.support.database import Database, one, rows, value

PETS = "create schema app;\ncreate table app.pets (id int primary key, name text);\n"
# Says more than one statement, quotes and signs that a driver could misread.
RENAME = """
create function app.rename(id int, name text) returns text language plpgsql as $body$
begin
    update app.pets set name = rename.name
    where pets.id = rename.id and pets.name like '%';
    return format('%s; %%', rename.name);
end
$body$;
comment on function app.rename(int, text) is '100% :sure; it''s fine';
"""


def _quiet(_: str) -> None:
    """Ignore what migrate reports."""


def _apply(db: Database, directory: Path) -> list[str]:
    return migrate(db.url("migrator"), directory, report=_quiet)


def test_migrations_are_applied_in_order_and_once(
    empty_db: Database, tmp_path: Path, write_migration: WriteMigration
) -> None:
    write_migration("pets", PETS)
    write_migration("rename", RENAME)
    assert _apply(empty_db, tmp_path) == ["0001_pets", "0002_rename"]
    assert _apply(empty_db, tmp_path) == []
    with empty_db.connect() as conn:
        assert value(conn, "select app.rename(1, 'Rex')") == "Rex; %"
        owner = "select relowner::regrole::text from pg_class where relname = 'pets'"
        assert value(conn, owner) == "app_owner"


def test_what_is_applied_is_reported_and_a_later_part_follows(
    empty_db: Database,
    tmp_path: Path,
    write_migration: WriteMigration,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_migration("pets", PETS)
    write_migration("rename", RENAME + "select 'an answer that nobody wants';\n")
    said: list[str] = []
    url = empty_db.url("migrator")
    assert migrate(url, tmp_path, last="0001_pets", report=said.append) == ["0001_pets"]
    assert migrate(url, tmp_path, report=said.append) == ["0002_rename"]
    assert said == ["applied 0001_pets", "applied 0002_rename"]
    assert capsys.readouterr().out == ""


def test_postgrest_and_the_planner_are_told(
    empty_db: Database, tmp_path: Path, write_migration: WriteMigration
) -> None:
    write_migration("pets", PETS + "insert into app.pets values (1, 'Rex');\n")
    with psycopg.connect(empty_db.url(), autocommit=True) as listener:
        listener.execute("listen pgrst")
        _apply(empty_db, tmp_path)
        told = [n.payload for n in listener.notifies(timeout=30, stop_after=1)]
        known = "select reltuples from pg_class where oid = 'app.pets'::regclass"
        assert listener.execute(known).fetchone() == (1,)
    assert told == ["reload schema"]


def test_a_failing_migration_leaves_nothing_and_the_next_run_goes_on(
    empty_db: Database, tmp_path: Path, write_migration: WriteMigration
) -> None:
    write_migration("pets", PETS)
    bad = write_migration("bad", "create table app.half (id int);\nselect 1 / 0;\n")
    with pytest.raises(MigrationError, match=r"0002_bad.*division by zero") as raised:
        _apply(empty_db, tmp_path)
    assert "rolled back" in str(raised.value)
    bad.write_text("-- depends: 0001_pets\ncreate table app.half (id int);\n")
    assert _apply(empty_db, tmp_path) == ["0002_bad"]


def test_a_migration_that_cannot_be_marked_is_not_applied_either(
    empty_db: Database, tmp_path: Path, write_migration: WriteMigration
) -> None:
    write_migration("pets", PETS)
    _apply(empty_db, tmp_path)
    with empty_db.connect() as conn:
        conn.execute("alter table yoyo._yoyo_migration add check (false) not valid")
    write_migration("more", "create table app.more (id int);\n")
    with pytest.raises(MigrationError, match="violates check constraint"):
        _apply(empty_db, tmp_path)
    with empty_db.connect() as conn:
        assert value(conn, "select to_regclass('app.more')") is None


def test_two_migrations_at_once_apply_everything_once(
    empty_db: Database, tmp_path: Path, write_migration: WriteMigration
) -> None:
    write_migration("pets", PETS)
    write_migration("rename", RENAME)
    url = empty_db.url("migrator")
    first_is_inside, second_waits = Event(), Event()

    def first_reports(_: str) -> None:
        first_is_inside.set()
        assert second_waits.wait(30)

    def second_reports(line: str) -> None:
        assert line.startswith("Another migration is running")
        second_waits.set()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(migrate, url, tmp_path, report=first_reports)
        assert first_is_inside.wait(30)
        second = pool.submit(migrate, url, tmp_path, report=second_reports)
        assert first.result(30) == ["0001_pets", "0002_rename"]
        assert second.result(30) == []


def test_a_killed_migration_starts_again(
    empty_db: Database, tmp_path: Path, write_migration: WriteMigration
) -> None:
    write_migration("pets", PETS)
    half = "create table app.half (id int);\n"
    slow = write_migration("slow", half + "select pg_sleep(600);\n")
    with _migrate_elsewhere(empty_db, tmp_path) as process:
        while not _is_running(empty_db, "select pg_sleep(600)"):
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
    with empty_db.connect() as conn:
        assert one(conn, "select pid from yoyo.yoyo_lock")["pid"] == process.pid
    slow.write_text("-- depends: 0001_pets\n" + half)
    assert _apply(empty_db, tmp_path) == ["0002_slow"]


def test_killed_again_and_again_the_real_migrations_are_complete_in_the_end(
    empty_db: Database,
) -> None:
    """Each run is let live a little longer than the one before, until one ends."""
    lives, status = 0, None
    while status is None:
        lives += 1
        with _migrate_elsewhere(empty_db, MIGRATIONS_DIR) as process:
            try:
                status = process.wait(0.5 * lives)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
    assert (status, lives > 1) == (0, True)
    assert _apply(empty_db, MIGRATIONS_DIR) == []
    with empty_db.connect() as conn:
        files = {path.stem for path in MIGRATIONS_DIR.glob("*.sql")}
        marks = rows(conn, "select migration_id from yoyo._yoyo_migration")
        assert {row["migration_id"] for row in marks} == files
        assert rows(conn, "select * from app.invariants()") == []


def _migrate_elsewhere(db: Database, directory: Path) -> subprocess.Popen[bytes]:
    """Start a migration in a process of its own."""
    code = (
        "import sys; from pathlib import Path; from db.migrate import migrate; "
        "migrate(sys.argv[1], Path(sys.argv[2]))"
    )
    arguments = [sys.executable, "-c", code, db.url("migrator"), str(directory)]
    return subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.DEVNULL)


def _is_running(db: Database, query: str) -> bool:
    """Ask the server whether somebody runs `query` in this database."""
    with db.connect("postgres") as conn:
        conn.execute("set role postgres")  # who sees everybody's statements
        running = """
            select 1 from pg_stat_activity
            where datname = current_database() and query like %(query)s || '%%'
        """
        return bool(rows(conn, running, query=query))


def test_a_migration_outside_a_transaction_can_be_finished_by_hand(
    empty_db: Database, tmp_path: Path, write_migration: WriteMigration
) -> None:
    write_migration("pets", PETS)
    _apply(empty_db, tmp_path)
    index = "create index concurrently pets_name_idx on app.pets (name);\n"
    path = write_migration("index", "")
    path.write_text(f"-- transactional: false\n{path.read_text()}{index}")
    with psycopg.connect(empty_db.url("migrator"), autocommit=True) as conn:
        conn.execute(index.encode())  # all that a killed run had left to do is the mark
    with pytest.raises(MigrationError, match="--mark 0002_index"):
        _apply(empty_db, tmp_path)
    mark(empty_db.url("migrator"), "0002_index", tmp_path)
    assert _apply(empty_db, tmp_path) == []
    with pytest.raises(MigrationError, match="not an unapplied migration"):
        mark(empty_db.url("migrator"), "0002_index", tmp_path)


def test_an_index_is_built_concurrently_where_the_file_says_so(
    empty_db: Database, tmp_path: Path, write_migration: WriteMigration
) -> None:
    write_migration("pets", PETS)
    index = "create index concurrently pets_name_idx on app.pets (name);\n"
    path = write_migration("index", "")
    path.write_text(f"-- transactional: false\n{path.read_text()}{index}")
    assert _apply(empty_db, tmp_path) == ["0001_pets", "0002_index"]
    with empty_db.connect() as conn:
        valid = "select indisvalid from pg_index where indrelid = 'app.pets'::regclass"
        assert [row["indisvalid"] for row in rows(conn, valid)] == [True, True]


@pytest.mark.parametrize("is_deadlock", [False, True])
def test_a_table_in_use_is_waited_for_in_short_turns(
    empty_db: Database,
    tmp_path: Path,
    write_migration: WriteMigration,
    monkeypatch: pytest.MonkeyPatch,
    is_deadlock: bool,
) -> None:
    monkeypatch.setattr(command, "LOCK_PAUSE", 0.01)
    write_migration("pets", PETS)
    write_migration("toys", "create table app.toys (id int);\n")
    _apply(empty_db, tmp_path)
    write_migration("locks", "lock table app.pets; lock table app.toys;\n")
    said: list[str] = []
    with empty_db.connect() as conn:
        first, second = ("toys", "pets") if is_deadlock else ("pets", "pets")
        conn.execute(f"select from app.{first}")

        def get_out_of_the_way(line: str) -> None:
            said.append(line)
            conn.rollback()

        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(
                migrate, empty_db.url("migrator"), tmp_path, report=get_out_of_the_way
            )
            if is_deadlock:
                wait_for_lock(empty_db)
                conn.execute(f"select from app.{second}")
            assert running.result(30) == ["0003_locks"]
    assert said[0] == "0003_locks waits for what is in use"


def wait_for_lock(database: Database) -> None:
    """Return once the migration waits."""
    query = "select exists (select from pg_locks where not granted)"
    with database.connect("postgres", autocommit=True) as conn:
        while not value(conn, query):
            pass


def test_an_edited_frozen_migration_stops_everything(
    empty_db: Database, tmp_path: Path, write_migration: WriteMigration
) -> None:
    path = write_migration("pets", PETS)
    assert freeze(tmp_path) == ["0001_pets.sql"]
    path.write_text(PETS + "-- one word more\n")
    with pytest.raises(HistoryError, match=r"0001_pets\.sql is frozen, but was edited"):
        _apply(empty_db, tmp_path)
    with empty_db.connect() as conn:
        assert value(conn, "select to_regnamespace('app')") is None


def test_only_the_owner_may_migrate(
    empty_db: Database, tmp_path: Path, write_migration: WriteMigration
) -> None:
    write_migration("pets", PETS)
    with pytest.raises(MigrationError, match="log in as migrator"):
        migrate(empty_db.url("postgres"), tmp_path, report=_quiet)


def test_a_user_without_a_name_may_migrate(
    empty_db: Database,
    tmp_path: Path,
    write_migration: WriteMigration,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    nobody = max(entry.pw_uid for entry in pwd.getpwall()) + 1
    monkeypatch.setattr(os, "getuid", lambda: nobody)
    write_migration("pets", PETS)
    assert _apply(empty_db, tmp_path) == ["0001_pets"]
    monkeypatch.delenv("LOGNAME")  # set by migrate


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (None, "DATABASE_URL is not set"),
        ("postgresql://migrator@127.0.0.1:1/vetline", "The database can't be reached"),
    ],
)
def test_the_command_fails_with_a_sentence(
    url: str | None,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    if url:
        monkeypatch.setenv("DATABASE_URL", url)
    assert command.main([]) == 1
    assert sentence in capsys.readouterr().err
