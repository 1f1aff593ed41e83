"""The clinic's first settings, from the environment: once, and then never again.

After that the row of app.system_config is the truth, and an admin changes it.
"""

import os
import sys
from collections.abc import Callable, Collection, Mapping
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

# ISO: Monday is 1. The variable's name is historical: these are «روزهای زوج».
_WEEKDAYS = {
    name: number
    for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), 1)
}
_RULE = """
    select a.attname, pg_get_constraintdef(k.oid)
    from pg_constraint k
    join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey)
    where k.conrelid = 'app.system_config'::regclass and k.conname = %s
"""


class ConfigError(Exception):
    """A variable has a value that makes no sense; the message names it."""


def _weekdays(names: str) -> list[int]:
    """Read `sat,mon,wed` as ISO weekday numbers."""
    return [_WEEKDAYS[name.strip().lower()[:3]] for name in names.split(",")]


_READERS: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "TZ": ("tz", str),
    "ODD_WEEK_DAYS": ("open_weekdays", _weekdays),
    "SLOT_START_HOUR": ("start_hour", int),
    "SLOT_END_HOUR": ("end_hour", int),
    "SLOT_INTERVAL": ("slot_minutes", int),
    "SLOT_HOLD_MINS": ("hold_minutes", int),
    "SPECIALIST_PRICE_TOMAN": ("price_toman", int),
}


def main() -> None:
    """Give DATABASE_URL's database its first settings, unless it has them."""
    try:
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            configure(connection, os.environ)
    except ConfigError as error:
        sys.exit(str(error))


def configure(
    connection: psycopg.Connection[Any], environment: Mapping[str, str]
) -> bool:
    """Set what the environment says; does nothing when it was done before.

    Args:
        connection: of somebody who may become app_owner (migrator).
        environment: SLOT_…, ODD_WEEK_DAYS, SPECIALIST_PRICE_TOMAN and TZ; what is
            missing or empty keeps the schema's default.

    Returns:
        Whether this call was the first.

    Raises:
        ConfigError: a value is not understood, or the database refuses it.
    """
    values = _read(environment)
    assignments = [
        sql.SQL("{} = {}").format(sql.Identifier(column), sql.Literal(value))
        for column, value in values.items()
    ]
    statement = sql.SQL(
        "update app.system_config set {} where configured_at is null"
    ).format(
        sql.SQL(", ").join([sql.SQL("configured_at = clock_timestamp()"), *assignments])
    )
    try:
        with connection.transaction():
            return connection.execute(statement).rowcount == 1
    except psycopg.errors.CheckViolation as error:
        raise ConfigError(_explain(connection, error)) from error
    except psycopg.DataError as error:
        raise ConfigError(f"{_names(values)}: {error}") from error


def _read(environment: Mapping[str, str]) -> dict[str, object]:
    """Return the columns that the environment speaks of."""
    values: dict[str, object] = {}
    for name, (column, read) in _READERS.items():
        text = environment.get(name, "").strip()
        if not text:
            continue
        try:
            values[column] = read(text)
        except (KeyError, ValueError) as error:
            raise ConfigError(f"{name} is {text!r}, which makes no sense") from error
    return values


def _explain(
    connection: psycopg.Connection[Any], error: psycopg.errors.CheckViolation
) -> str:
    """Say which variables break a rule of the table, and what the rule is."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        found = cursor.execute(_RULE, [error.diag.constraint_name]).fetchall()
    names = _names({column for column, _ in found})
    return f"{names} can't be so, because of the rule {found[0][1]}"


def _names(columns: Collection[str]) -> str:
    """Name the variables that set these columns."""
    return ", ".join(n for n, (column, _) in _READERS.items() if column in columns)


if __name__ == "__main__":
    main()
