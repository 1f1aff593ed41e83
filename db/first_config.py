"""The clinic's first settings, from the environment: once, and then never again.

After that the row of app.system_config is the truth, and an admin changes it.
"""

import os
import sys
from collections.abc import Callable, Mapping

import psycopg
from psycopg import sql

# ISO: Monday is 1. The variable's name is historical: these are «روزهای زوج».
_WEEKDAYS = {
    name: number
    for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), 1)
}


class ConfigError(Exception):
    """A variable has a value that makes no sense; the message names it."""


def main() -> None:
    """Give DATABASE_URL's database its first settings, unless it has them."""
    try:
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            configure(connection, os.environ)
    except ConfigError as error:
        sys.exit(str(error))


def configure(connection: psycopg.Connection, environment: Mapping[str, str]) -> bool:
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
        return connection.execute(statement).rowcount == 1
    except psycopg.errors.CheckViolation as error:
        setting = error.diag.constraint_name
        raise ConfigError(f"The settings contradict each other: {setting}") from error
    except psycopg.DataError as error:
        raise ConfigError(f"A setting is refused: {error}") from error


def _read(environment: Mapping[str, str]) -> dict[str, object]:
    """Return the columns that the environment speaks of."""
    readers: dict[str, tuple[str, Callable[[str], object]]] = {
        "TZ": ("tz", str),
        "ODD_WEEK_DAYS": ("open_weekdays", _weekdays),
        "SLOT_START_HOUR": ("start_hour", int),
        "SLOT_END_HOUR": ("end_hour", int),
        "SLOT_INTERVAL": ("slot_minutes", int),
        "SLOT_HOLD_MINS": ("hold_minutes", int),
        "SPECIALIST_PRICE_TOMAN": ("price_toman", int),
    }
    values: dict[str, object] = {}
    for name, (column, read) in readers.items():
        text = environment.get(name, "").strip()
        if not text:
            continue
        try:
            values[column] = read(text)
        except (KeyError, ValueError) as error:
            raise ConfigError(f"{name} is {text!r}, which makes no sense") from error
    return values


def _weekdays(names: str) -> list[int]:
    """Read `sat,mon,wed` as ISO weekday numbers."""
    return [_WEEKDAYS[name.strip().lower()[:3]] for name in names.split(",")]


if __name__ == "__main__":
    main()
