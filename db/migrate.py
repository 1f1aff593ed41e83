"""`make migrate`: bring the database that DATABASE_URL names up to date.

Safe to start anywhere, any number of times and at once: an advisory lock lets one in,
the rest wait and find nothing to do. What a killed run left behind is put right.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import yoyo
from psycopg import sql
from psycopg.errors import DeadlockDetected, LockNotAvailable

from db.backend import Backend, connect, open_backend
from db.tools.history import HistoryError, verify_frozen
from db.tools.paths import MIGRATIONS_DIR

# "vetline" as a number: nothing else of the system locks this key.
_LOCK_KEY = int.from_bytes(b"vetline", "big")
# How often a migration asks for its locks, and the pause (seconds) between.
LOCK_TRIES, LOCK_PAUSE = 20, 2.0


class MigrationError(Exception):
    """The database could not be brought up to date; the message says what to do."""


def migrate(
    url: str,
    migrations_dir: Path = MIGRATIONS_DIR,
    *,
    last: str | None = None,
    report: Callable[[str], None] = print,
) -> list[str]:
    """Apply the migrations that the database lacks, in order, and return their ids.

    Args:
        url: logs in as a role that becomes app_owner (`migrator`).
        migrations_dir: the folder of the migrations and FROZEN.
        last: the id of the migration to stop after; all by default.
        report: is told what happens, a line each time.

    Raises:
        HistoryError: a frozen migration was edited, or the files are out of order.
        MigrationError: the database refused one; it and what follows are not applied.
    """
    ids = [file.id for file in verify_frozen(migrations_dir)]
    wanted = ids[: ids.index(last) + 1] if last else ids
    with _exclusively(url, report) as conn:
        _check_owner(conn)
        conn.execute("create schema if not exists yoyo")
        with open_backend(url) as backend:
            backend.break_lock()  # a killed run's: ours is the only one under the lock
            applied = _apply(backend, migrations_dir, wanted, report)
        if applied:
            _refresh(conn)
    return applied


@contextmanager
def _exclusively(
    url: str, report: Callable[[str], None]
) -> Iterator[psycopg.Connection]:
    """Hold the advisory lock, on a connection of its own, while the body runs."""
    with connect(url, application_name="vetline-migrate") as conn:
        row = conn.execute("select pg_try_advisory_lock(%s)", [_LOCK_KEY]).fetchone()
        if row != (True,):
            report("Another migration is running: waiting for it.")
            conn.execute("select pg_advisory_lock(%s)", [_LOCK_KEY])
        yield conn


def _check_owner(conn: psycopg.Connection) -> None:
    """Refuse to make objects that would belong to the wrong role."""
    row = conn.execute("select current_user, session_user").fetchone()
    if row and row[0] != "app_owner":
        raise MigrationError(
            f"DATABASE_URL logs in as {row[1]} and works as {row[0]}, but migrations "
            "must be applied as app_owner: log in as migrator"
        )


def _apply(
    backend: Backend,
    migrations_dir: Path,
    wanted: list[str],
    report: Callable[[str], None],
) -> list[str]:
    """Apply, one by one, those of `wanted` that are not applied; return their ids."""
    done: list[str] = []
    with backend.lock():  # for somebody who uses the yoyo command at the same time
        migrations = yoyo.read_migrations(str(migrations_dir))
        for migration in backend.to_apply(migrations):
            if migration.id in wanted:
                _apply_one(backend, migration, report)
                report(f"applied {migration.id}")
                done.append(migration.id)
    return done


def _apply_patiently(
    backend: Backend, migration: Any, report: Callable[[str], None]
) -> None:
    """Apply one migration; where others use what it locks, let them go first."""
    for _ in range(LOCK_TRIES - 1):
        try:
            backend.apply_one(migration)
        except (LockNotAvailable, DeadlockDetected):
            if not migration.use_transactions:
                raise
            report(f"{migration.id} waits for what is in use")
            # Long enough for those who queued behind it to get through.
            time.sleep(LOCK_PAUSE)
        else:
            return
    backend.apply_one(migration)


def _apply_one(backend: Backend, migration: Any, report: Callable[[str], None]) -> None:
    """Apply one migration; a failure becomes a sentence that says how things stand."""
    try:
        _apply_patiently(backend, migration, report)
    except psycopg.Error as error:
        if migration.use_transactions:
            state = "It was rolled back: mend the cause and migrate again."
        else:
            state = (
                "It runs outside a transaction, so a part of it, or in a killed run "
                "all of it, may be there: compare it with the database, finish or "
                "undo it by hand (drop an index that is INVALID), and migrate again, "
                f"or if it is complete: python -m db.migrate --mark {migration.id}"
            )
        raise MigrationError(f"{migration.path}: {error}\n{state}") from error


def mark(url: str, migration_id: str, migrations_dir: Path = MIGRATIONS_DIR) -> None:
    """Record that a migration, finished by hand, is applied.

    Raises:
        MigrationError: it does not exist, or is marked already.
    """
    with _exclusively(url, print) as conn, open_backend(url) as backend:
        _check_owner(conn)
        pending = backend.to_apply(yoyo.read_migrations(str(migrations_dir)))
        chosen = [m for m in pending if m.id == migration_id]
        if not chosen:
            raise MigrationError(f"{migration_id} is not an unapplied migration")
        backend.mark_migrations(chosen)


def _refresh(conn: psycopg.Connection) -> None:
    """Let the planner and PostgREST see what changed."""
    tables = conn.execute(
        """
        select n.nspname, c.relname
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and c.relowner = current_user::regrole
          -- Of a new table PostgreSQL expects some rows, of an analyzed one none.
          and pg_relation_size(c.oid) > 0
        """
    ).fetchall()
    if tables:
        names = sql.SQL(", ").join(sql.Identifier(*table) for table in tables)
        conn.execute(sql.SQL("analyze {}").format(names))
    conn.execute("notify pgrst, 'reload schema'")


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m db.migrate", description=__doc__)
    parser.add_argument(
        "--mark",
        metavar="MIGRATION",
        help="record that a migration, finished by hand, is applied; apply nothing",
    )
    return parser.parse_args(arguments)


def _run(url: str, finished: str | None) -> None:
    """Mark the migration `finished`, if there is one, else apply what is missing."""
    if finished:
        mark(url, finished)
        print(f"marked {finished}")
    elif not migrate(url):
        print("Nothing to apply: the database is up to date.")


def main(arguments: list[str] | None = None) -> int:
    """Migrate the database of DATABASE_URL; 1 with a sentence when that fails."""
    options = _parse(arguments)
    url = os.environ.get("DATABASE_URL")
    if not url:
        print("DATABASE_URL is not set", file=sys.stderr)
        return 1
    try:
        _run(url, options.mark)
    except (MigrationError, HistoryError) as error:
        print(error, file=sys.stderr)
        return 1
    except psycopg.OperationalError as error:
        print(f"The database can't be reached: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
