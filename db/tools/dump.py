"""A database as a set of named entries that can be compared with another's.

pg_dump's text, cut at its headers. Owners, privileges and comments belong to it: the
owner decides what SECURITY DEFINER means. Of what pg_dump prints, only the order of the
GRANT and REVOKE lines depends on how the database came to be.
"""

import os
import re
import subprocess
from collections.abc import Sequence

import psycopg
from psycopg import sql

from db.cluster import installed_bindir
from db.secret_url import without_password

# Tables whose rows are part of the program.
REFERENCE_TABLES = ("app.jobs",)
# Columns of theirs that say when or as what a row was made.
_INCIDENTAL = ("id", "created_at", "updated_at")

_HEADER = re.compile(
    r"^--\n-- Name: (?P<name>.+); Type: (?P<type>[A-Z ]+); "
    r"Schema: (?P<schema>.+); Owner: .*\n--\n",
    re.MULTILINE,
)
_SESSION_SETTING = re.compile(r"^SET default_.*\n", re.MULTILINE)
_PRIVILEGE = re.compile(r"(ALTER DEFAULT PRIVILEGES .* )?(GRANT|REVOKE) ")


def dump(
    url: str, reference_tables: Sequence[str] = REFERENCE_TABLES
) -> dict[str, str]:
    """Return the entries of the database at `url`, their SQL by their title.

    A title reads like `FUNCTION api.hold_slot(uuid, timestamp with time zone)`; the
    rows of each reference table that exists are an entry too.

    Args:
        url: logs in as a role that may read every object (app_owner or a superuser).
        reference_tables: qualified names.
    """
    entries = _schema(url)
    with psycopg.connect(url) as conn:
        for table in reference_tables:
            if conn.execute("select to_regclass(%s)", [table]).fetchone() != (None,):
                entries[f"ROWS {table}"] = _rows(conn, table)
    return entries


def _schema(url: str) -> dict[str, str]:
    """Return the entries of the schema."""
    where, secret = without_password(url)
    text = subprocess.run(
        [
            installed_bindir(None) / "pg_dump",
            "--schema-only",
            "--restrict-key=drift",  # else it is random
            "--exclude-schema=yoyo",
            "--enable-row-security",  # app_owner is subject to it, by FORCE
            f"--dbname={where}",
        ],
        check=True,
        env=os.environ | secret,
        capture_output=True,
        text=True,
    ).stdout
    headers = list(_HEADER.finditer(text))
    ends = [header.start() for header in headers[1:]] + [
        text.rfind("--\n-- PostgreSQL")
    ]
    entries: dict[str, str] = {}
    for header, end in zip(headers, ends, strict=True):
        title = _title(header)
        body = _normalise(text[header.end() : end])
        entries[title] = entries.get(title, "") + body
    return entries


def _title(header: re.Match[str]) -> str:
    """Name an entry the way a person would look for it."""
    kind, name, schema = header["type"], header["name"], header["schema"]
    if kind in {"ACL", "COMMENT"}:  # these are named "FUNCTION hold_slot(…)"
        about, _, name = name.partition(" ")
        kind = f"{'PRIVILEGES' if kind == 'ACL' else kind} ON {about}"
    return f"{kind} {name}" if schema == "-" else f"{kind} {schema}.{name}"


def _normalise(body: str) -> str:
    """Drop settings of the session, and put privileges in an order of their own."""
    lines = _SESSION_SETTING.sub("", body).strip().splitlines()
    if all(_PRIVILEGE.match(line) for line in lines if line):
        lines = sorted(filter(None, lines))
    return "\n".join(lines) + "\n"


def _rows(conn: psycopg.Connection, table: str) -> str:
    """Return the table's rows as CSV, sorted, without incidental columns."""
    columns = conn.execute(
        """
        select attname
        from pg_attribute
        where attrelid = %s::regclass and attnum > 0
          and not attisdropped and attname <> all (%s)
        order by attnum
        """,
        [table, [*_INCIDENTAL]],
    ).fetchall()
    query = sql.SQL("copy (select {} from {}) to stdout (format csv)").format(
        sql.SQL(", ").join(sql.Identifier(name) for (name,) in columns),
        sql.Identifier(*table.split(".")),
    )
    with conn.cursor().copy(query) as copy:
        text = b"".join(bytes(block) for block in copy).decode()
    return "".join(sorted(text.splitlines(keepends=True)))
