"""`make restore FROM=…`: a backup (db/backup.py) into an empty database and bucket.

The roles exist already: the cluster was prepared (db/prepare.py). All of the database
is one transaction. What was restored is then compared with the manifest, table by
table, and the guarantees are checked. With `--replace`, what is in the database is
dropped first.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping
from pathlib import Path

import psycopg

from db.backup import (
    DUMP,
    MANIFEST,
    OBJECTS,
    BackupError,
    figures,
    pg_tool,
    told_plainly,
)
from db.objects import ObjectStore


def restore(
    url: str, source: Path, environment: Mapping[str, str], *, replace: bool = False
) -> None:
    """Restore and compare.

    Args:
        url: of the database; logs in as a role that becomes app_owner.
        source: what `backup` has written.
        environment: holds the object store's settings, or does not.
        replace: whether to drop what is there.

    Raises:
        BackupError: there is no backup, the database is in use already, pg_restore
            failed, or what came of it is not what the manifest says.
    """
    if not (source / MANIFEST).is_file():
        raise BackupError(f"{source} holds no backup: name one with FROM=…")
    manifest = json.loads((source / MANIFEST).read_text("utf-8"))
    make_room(url, replace=replace)
    restore_database(url, source / DUMP)
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("set default_transaction_isolation = 'repeatable read'")
        _compare(conn, manifest["tables"])
        conn.execute("analyze")
        conn.execute("notify pgrst, 'reload schema'")
    store = ObjectStore.from_environment(environment)
    if store and manifest["objects"] is not None:
        store.upload(source / OBJECTS)


def make_room(url: str, *, replace: bool = False) -> None:
    """Leave no schema of ours.

    Raises:
        BackupError: there is data, and nobody said `replace`.
    """
    with psycopg.connect(url) as conn:
        conn.execute("set lock_timeout = '10s'")
        used = conn.execute("select to_regnamespace('app') is not null").fetchone()
        if used == (True,) and not replace:
            raise BackupError(
                "The database is not empty: restore into a new one, or say REPLACE=yes "
                "to lose what is in it"
            )
        conn.execute("drop schema if exists app, api, sidecar, yoyo cascade")


def restore_database(url: str, path: Path) -> None:
    """Fill the database that `url` names, which has none of our schemas, from a dump.

    Raises:
        BackupError: pg_restore failed; then nothing was restored.
    """
    pg_tool(url, "pg_restore", "--single-transaction", "--exit-on-error", str(path))


def _compare(conn: psycopg.Connection, wanted: Mapping[str, list[str]]) -> None:
    with conn.transaction():
        found = figures(conn)
    different = [name for name in wanted if found.get(name) != wanted[name]]
    if different or found.keys() != wanted.keys():
        raise BackupError(f"These tables differ from the backup: {different}")
    violations = conn.execute("select rule, entity, id from app.invariants()")
    if violations.rowcount:
        raise BackupError(f"Guarantees are violated: {violations.fetchall()}")


def main(arguments: list[str] | None = None) -> None:
    """Restore into DATABASE_URL's database, and the bucket of the environment."""
    parser = argparse.ArgumentParser(prog="python -m db.restore", description=__doc__)
    parser.add_argument("source", type=Path, help="what `make backup` has written")
    parser.add_argument("--replace", action="store_true", help="drop what is there")
    options = parser.parse_args(arguments)
    with told_plainly():
        restore(
            os.environ["DATABASE_URL"],
            options.source,
            os.environ,
            replace=options.replace,
        )
    print(f"{options.source} is restored, and equals its manifest.")


if __name__ == "__main__":
    main()
