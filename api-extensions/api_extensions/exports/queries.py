"""What exports ask of the database besides their rows."""

import re
from collections.abc import Mapping, Sequence

import psycopg

from api_extensions import errors
from api_extensions.db import Connection, fetch_value
from api_extensions.errors import AppError
from api_extensions.exports.kinds import (
    PREPARE,
    Kind,
    check_statement,
    read_statement,
)
from api_extensions.ids import ID, NO_ID

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# PostgreSQL would take `today` as well, and an id in braces.
_SPELLINGS = {"date": (_DATE, "is not a date, YYYY-MM-DD"), "uuid": (ID, NO_ID)}
_ANY = (re.compile(r".*", re.DOTALL), "")
_AUDIT = """
select sidecar.audit_export(
    kind => %(kind)s, filters => %(filters)s::text[], row_count => %(rows)s,
    is_complete => %(is_complete)s)
"""


async def read_filter(
    connection: Connection, kind: Kind, given: Mapping[str, str]
) -> str:
    """Read the filters into the value that the export is made for.

    Args:
        connection: in a transaction with the caller's own rights.
        kind: of the export.
        given: text by the filter's name in the contract.

    Raises:
        AppError: FORBIDDEN; VALIDATION_FAILED for text that is no value of its filter.
        psycopg.Error: VALIDATION_FAILED for values that make no sense.
    """
    complaints = {}
    for name, text in given.items():
        spelling, complaint = _SPELLINGS.get(kind.type_of(name) or "", _ANY)
        if not spelling.fullmatch(text):
            complaints[name] = complaint
            continue
        try:
            async with connection.transaction():
                await connection.execute(check_statement(kind, name), {"value": text})
        except psycopg.DataError:
            complaints[name] = "is not valid"
    if complaints:
        raise errors.invalid_fields(complaints)
    await connection.execute(PREPARE)
    try:
        cursor = await connection.execute(read_statement(kind, list(given)), given)
    except psycopg.errors.InsufficientPrivilege:  # granted to admins alone
        raise AppError("FORBIDDEN", "This is for admins.") from None
    row = await cursor.fetchone()
    if row is None:
        raise LookupError(f"{kind.reader} gave no row")
    return str(row[0])


async def audit(
    connection: Connection,
    kind: Kind,
    filters: Sequence[str],
    *,
    rows: int | None = None,
    is_complete: bool | None = None,
) -> None:
    """Log an export: that it begins, or with `rows` and `is_complete` how it ended.

    Args:
        connection: in a transaction that knows the caller.
        kind: of the export.
        filters: the names of those that were given, and never what they were.
        rows: how many were sent.
        is_complete: whether these were all.
    """
    values = {
        "kind": kind.name,
        "filters": list(filters),
        "rows": rows,
        "is_complete": is_complete,
    }
    await fetch_value(connection, _AUDIT, values)
