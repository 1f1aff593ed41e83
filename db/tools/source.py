"""sql/: the definition of the system, read in the order that sql/ORDER gives."""

from collections import Counter
from pathlib import Path

import psycopg

from db.tools.paths import SQL_DIR


class SourceError(Exception):
    """sql/ is not as it should be; the message names the file."""


def ordered_files(sql_dir: Path = SQL_DIR) -> list[Path]:
    """Return the files of `sql_dir` in load order.

    Raises:
        SourceError: ORDER names a file twice or one that is missing, or leaves one out.
    """
    order = sql_dir / "ORDER"
    if not order.is_file():
        raise SourceError(f"{order} is missing: it lists every sql file in load order")
    lines = (line.strip() for line in order.read_text("utf-8").splitlines())
    listed = [line for line in lines if line and not line.startswith("#")]
    present = {path.relative_to(sql_dir).as_posix() for path in sql_dir.rglob("*.sql")}
    problems = [
        *(f"lists {name} {n} times" for name, n in Counter(listed).items() if n > 1),
        *(f"lists {name}, which is missing" for name in sorted({*listed} - present)),
        *(f"does not list {name}" for name in sorted(present - {*listed})),
    ]
    if problems:
        raise SourceError(f"{order} " + "; ".join(problems))
    return [sql_dir / name for name in listed]


def load(conn: psycopg.Connection, sql_dir: Path = SQL_DIR) -> None:
    """Build an empty database from `sql_dir`, in one transaction, as app_owner.

    Args:
        conn: a connection whose session user may become app_owner.
        sql_dir: the folder that holds ORDER.

    Raises:
        SourceError: ORDER is wrong, or a file fails; the message names file and line.
    """
    files = ordered_files(sql_dir)
    with conn.transaction():
        conn.execute("set local role app_owner")
        for path in files:
            text = path.read_text("utf-8")
            try:
                conn.execute(text.encode())
            except psycopg.Error as error:
                raise SourceError(f"{path}{_line(error, text)}: {error}") from error
        conn.execute("reset role")


def _line(error: psycopg.Error, text: str) -> str:
    """Say on which line of `text` PostgreSQL found the error, when it told."""
    position = error.diag.statement_position
    if position is None:
        return ""
    return f":{text.count(chr(10), 0, int(position) - 1) + 1}"
