"""`make export KIND=… OUT=…`: what admins download, from the command line.

The rows, the filters and the audit line are those of the sidecar's exports.
DATABASE_URL logs in as somebody who is app_owner (migrator).
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import psycopg
from rich.progress import Progress

from api_extensions import errors
from api_extensions.exports.kinds import (
    KINDS,
    PREPARE,
    Kind,
    copy_statement,
    read_statement,
    rows_of,
)
from api_extensions.exports.lines import BYTE_ORDER_MARK, LINE_END

_BEGIN = "select set_config('timezone', c.tz, true) from app.system_config c"
_AUDIT = "select app.audit_export(%s, %s::text[], %s, %s)"
_FILTERS = sorted({name for kind in KINDS.values() for name in kind.filters})


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the file, or say in one sentence why not."""
    options = _read_options(arguments)
    if not options.out.name:
        sys.exit("Name the file to write with OUT=…")
    kind = KINDS[options.kind]
    given = {name: text for name in kind.filters if (text := getattr(options, name))}
    asked = [name for name in _FILTERS if getattr(options, name)]
    unknown = [name for name in asked if name not in given]
    if unknown:
        sys.exit(f"{kind.name} can't be filtered by {', '.join(unknown)}.")
    try:
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            count = export(connection, kind, given, options.out)
    except psycopg.Error as error:
        sys.exit(_explain(error))
    except OSError as error:
        sys.exit(f"{options.out}: {error.strerror}")
    print(f"{options.out}: {count} rows")


def export(
    connection: psycopg.Connection, kind: Kind, given: dict[str, str], out: Path
) -> int:
    """Write the file and log it; returns how many rows it has.

    Raises:
        psycopg.Error: VALIDATION_FAILED for the filters.
    """
    connection.execute(_BEGIN)
    connection.execute(PREPARE)
    found = connection.execute(read_statement(kind, list(given)), given).fetchone()
    value = str(found[0]) if found else ""
    rows = rows_of(kind, value)
    total = connection.execute(
        psycopg.sql.SQL("select count(*) from ({}) r").format(rows)
    ).fetchone()
    statement = copy_statement(kind, value)
    count = -1
    out.touch(mode=0o600)  # it holds who the owners are, and what they wrote
    with (
        Progress() as progress,
        out.open("wb") as file,
        connection.cursor().copy(statement) as copy,
    ):
        bar = progress.add_task(kind.name, total=total[0] if total else None)
        file.write(BYTE_ORDER_MARK)
        for row in copy:
            file.write(bytes(row)[:-1] + LINE_END)
            count += 1
            progress.update(bar, completed=count)
    connection.execute(_AUDIT, [kind.name, list(given), count, True])
    return count


def _read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="export", description="Write a CSV file.")
    parser.add_argument("kind", choices=list(KINDS))
    parser.add_argument("out", type=Path)
    for name in _FILTERS:
        parser.add_argument(f"--{name}", default="")
    return parser.parse_args(arguments)


def _explain(error: psycopg.Error) -> str:
    if error.sqlstate != errors.RAISED_BY_US:
        return f"The database refused: {str(error).partition(chr(10))[0]}"
    refusal = errors.from_database(error)
    fields = refusal.details.get("fields") if isinstance(refusal.details, dict) else {}
    return "; ".join(f"{name}: {fault}" for name, fault in (fields or {}).items())


if __name__ == "__main__":
    main()
