"""`make drift`: do sql/ and migrations/ build the same database?

With --live, the database that DATABASE_URL names is compared with sql/ too.
"""

import argparse
import os
import sys
import tempfile
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

import psycopg

from db.backup import dump_database
from db.migrate import MigrationError, migrate
from db.restore import make_room, restore_database
from db.tools import source
from db.tools.dump import dump
from db.tools.history import HistoryError
from db.tools.paths import MIGRATIONS_DIR, SQL_DIR
from db.tools.scratch import ScratchServer, scratch_server
from db.tools.source import SourceError

ADVICE = 'sql/ and migrations/ differ: edit sql/, then run make migration m="…".'
LIVE_ADVICE = (
    "The live database differs from sql/: run make migrate, or if somebody changed it "
    "by hand, put that change into sql/ and a migration, or undo it."
)


@dataclass(frozen=True)
class Side:
    """One of the two databases of a comparison."""

    name: str
    entries: dict[str, str]


def from_sql(server: ScratchServer, sql_dir: Path = SQL_DIR) -> Side:
    """Build a database from sql/, and return what is in it."""
    with server.database("drift_sql") as name:
        with psycopg.connect(server.url(name)) as conn:
            source.load(conn, sql_dir)
        return Side("sql/", dump(server.url(name)))


def from_migrations(
    server: ScratchServer, migrations_dir: Path = MIGRATIONS_DIR
) -> Side:
    """Build a database with migrations/, and return what is in it."""
    with server.database("drift_migrations") as name:
        migrate(server.url(name, "migrator"), migrations_dir, report=lambda _: None)
        return Side("migrations/", dump(server.url(name)))


def from_restored_sql(server: ScratchServer, sql_dir: Path = SQL_DIR) -> Side:
    """Build a database from sql/, dump and restore it, and return what is in that.

    PostgreSQL writes some expressions with other parentheses after a restore.
    """
    with server.database("drift_sql") as name, server.database("drift_copy") as copy:
        with psycopg.connect(server.url(name)) as conn:
            source.load(conn, sql_dir)
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "dump"
            dump_database(server.url(name, "migrator"), path)
            make_room(server.url(copy, "migrator"))
            restore_database(server.url(copy, "migrator"), path)
        return Side("sql/", dump(server.url(copy)))


def without_equals(found: Side, other: Side, wanted: Side) -> Side:
    """Take for `wanted` what is as in `other`, which means the same."""
    entries = {
        title: wanted.entries.get(title, text)
        if other.entries.get(title) == text
        else text
        for title, text in found.entries.items()
    }
    return Side(found.name, entries)


def compare(wanted: Side, found: Side) -> str:
    """Return a readable difference, object by object; empty when there is none."""
    titles = sorted(wanted.entries.keys() | found.entries.keys())
    return "\n".join(
        _difference(title, wanted, found)
        for title in titles
        if wanted.entries.get(title) != found.entries.get(title)
    )


def _difference(title: str, wanted: Side, found: Side) -> str:
    """Describe one object that differs."""
    if title not in found.entries:
        return f"{title}: in {wanted.name}, but not in {found.name}\n"
    if title not in wanted.entries:
        return f"{title}: in {found.name}, but not in {wanted.name}\n"
    lines = unified_diff(
        found.entries[title].splitlines(keepends=True),
        wanted.entries[title].splitlines(keepends=True),
        fromfile=found.name,
        tofile=wanted.name,
    )
    return f"{title}:\n{''.join(lines)}"


def report(
    sql_dir: Path = SQL_DIR,
    migrations_dir: Path = MIGRATIONS_DIR,
    live_url: str | None = None,
) -> bool:
    """Build and compare; print each difference and what to do about it.

    Args:
        sql_dir: the folder that holds ORDER.
        migrations_dir: the folder of the migrations.
        live_url: also compare this database with `sql_dir`.

    Returns:
        Whether there is no drift.
    """
    with scratch_server() as server:
        wanted = from_sql(server, sql_dir)
        found = [(from_migrations(server, migrations_dir), ADVICE)]
        if live_url:
            live = Side("the live database", dump(live_url))
            live = without_equals(live, from_restored_sql(server, sql_dir), wanted)
            found.append((live, LIVE_ADVICE))
    differences = [(compare(wanted, side), advice) for side, advice in found]
    for difference, advice in differences:
        if difference:
            print(difference, advice, sep="\n")
    return not any(difference for difference, _ in differences)


def main(arguments: list[str] | None = None) -> int:
    """Report drift; 1 when there is some, or when it could not be told."""
    parser = argparse.ArgumentParser(
        prog="python -m db.tools.drift", description=__doc__
    )
    parser.add_argument(
        "--live", action="store_true", help="compare DATABASE_URL's database as well"
    )
    live = parser.parse_args(arguments).live
    url = os.environ.get("DATABASE_URL")
    if live and not url:
        print("DATABASE_URL is not set", file=sys.stderr)
        return 1
    try:
        clean = report(live_url=url if live else None)
    except (SourceError, HistoryError, MigrationError) as error:
        print(error, file=sys.stderr)
        return 1
    if clean:
        print("No drift.")
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
