"""`make backup TO=…`: the database and the files of consultations, as one directory.

    database.dump   pg_dump's custom format
    objects/        every object of the bucket, its key percent-encoded
    manifest.json   rows and a checksum of each table, from the dump's own snapshot

It works while the system runs. `make restore` (db/restore.py) compares what it has made
with the manifest. DATABASE_URL logs in as migrator; without S3_ENDPOINT there are no
objects.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from db.cluster import ClusterError, installed_bindir
from db.objects import ObjectStore
from db.secret_url import without_password

DUMP, OBJECTS, MANIFEST = "database.dump", "objects", "manifest.json"


class BackupError(Exception):
    """A backup could not be taken or restored; the message says why."""


def backup(url: str, target: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    """Write a backup and return its manifest.

    The database comes first: a file that is deleted meanwhile is missed by nobody, and
    one that is added later belongs to no row of the dump.

    Args:
        url: of the database; logs in as a role that becomes app_owner.
        target: a directory that is not there yet.
        environment: holds the object store's settings, or does not.

    Raises:
        BackupError: the directory exists, or pg_dump failed.
    """
    if target.exists():
        raise BackupError(f"{target} exists already: give another directory with TO=…")
    # The rows of people are in it.
    target.mkdir(mode=0o700, parents=True)
    with psycopg.connect(url) as conn:
        conn.execute("set transaction isolation level repeatable read, read only")
        snapshot = conn.execute("select pg_export_snapshot()").fetchone()
        dump_database(
            url, target / DUMP, f"--snapshot={snapshot[0] if snapshot else ''}"
        )
        manifest: dict[str, Any] = {
            "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "tables": figures(conn),
        }
    store = ObjectStore.from_environment(environment)
    manifest["objects"] = store.download(target / OBJECTS) if store else None
    (target / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
    return manifest


def dump_database(url: str, path: Path, *options: str) -> None:
    """Write the database that `url` names to a file in pg_dump's custom format.

    Raises:
        BackupError: pg_dump failed.
    """
    pg_tool(
        url,
        "pg_dump",
        "--format=custom",
        f"--file={path}",
        "--exclude-schema=public",  # nothing of ours is in it, and it is not ours
        "--enable-row-security",  # app_owner is subject to it, by FORCE
        *options,
    )


def figures(conn: psycopg.Connection) -> dict[str, list[str]]:
    """Return the number of rows and a checksum of each table of ours.

    The checksum does not depend on the order of the rows.
    """
    conn.execute("set local timezone = 'UTC'")
    conn.execute("set local enable_seqscan = on")
    tables = conn.execute(
        """
        select n.nspname, c.relname from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and n.nspname in ('app', 'yoyo')
          and c.relname <> 'yoyo_lock'  -- whoever migrates right now
        order by 1, 2
        """
    ).fetchall()
    query = sql.SQL(
        "select count(*)::text, coalesce(sum(hashtextextended(t::text, 0)), 0)::text"
        " from {} t"
    )
    found: dict[str, list[str]] = {}
    for schema, table in tables:
        row = conn.execute(query.format(sql.Identifier(schema, table))).fetchone()
        found[f"{schema}.{table}"] = list(row or ())
    return found


def pg_tool(url: str, name: str, *arguments: str) -> None:
    """Run a client program of PostgreSQL: the packaged one, or the one on PATH.

    Raises:
        BackupError: it is missing, or has failed; with its own words.
    """
    where, secret = without_password(url)
    command = [_program(name), f"--dbname={where}"]
    try:
        subprocess.run(
            [*command, *arguments],
            check=True,
            env=os.environ | secret,
            stderr=subprocess.PIPE,
            text=True,
        )
    except FileNotFoundError:
        raise BackupError(f"{name} is not installed") from None
    except subprocess.CalledProcessError as error:
        raise BackupError(f"{name} failed:\n{error.stderr.strip()}") from None


def _program(name: str) -> str:
    try:
        return str(installed_bindir(None) / name)
    except ClusterError:
        return name


@contextmanager
def told_plainly() -> Iterator[None]:
    """End with a sentence when what is done inside fails."""
    try:
        yield
    except BackupError as error:
        sys.exit(str(error))
    except psycopg.Error as error:
        sys.exit(f"The database refuses: {error}".strip())


def main(arguments: list[str] | None = None) -> None:
    """Back up DATABASE_URL's database, and the bucket of the environment."""
    parser = argparse.ArgumentParser(prog="python -m db.backup", description=__doc__)
    parser.add_argument("target", type=Path, help="a directory that is not there yet")
    target = parser.parse_args(arguments).target
    with told_plainly():
        manifest = backup(os.environ["DATABASE_URL"], target, os.environ)
    rows = sum(int(count) for count, _ in manifest["tables"].values())
    objects = manifest["objects"]
    files = f"{objects} files" if objects is not None else "no files (no S3_ENDPOINT)"
    print(f"{target}: {len(manifest['tables'])} tables, {rows} rows, {files}")


if __name__ == "__main__":
    main()
