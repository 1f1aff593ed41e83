"""The environment gives the clinic's first settings, and never any later ones."""

import psycopg
import pytest

from db.first_config import ConfigError, configure
from tests.support.database import Connection, Database, one

EVERYTHING = {
    "TZ": "Asia/Kabul",
    "ODD_WEEK_DAYS": "sun, Tuesday,thu",
    "SLOT_START_HOUR": "9",
    "SLOT_END_HOUR": "12",
    "SLOT_INTERVAL": "20",
    "SLOT_HOLD_MINS": "7",
    "SPECIALIST_PRICE_TOMAN": "310000",
}


def settings(conn: Connection) -> dict[str, object]:
    """Return what the environment may set."""
    return one(
        conn,
        "select tz, open_weekdays, start_hour, end_hour, slot_minutes, hold_minutes,"
        " price_toman from app.system_config",
    )


def test_every_variable_reaches_its_column(db: Connection) -> None:
    assert configure(db, EVERYTHING)
    assert settings(db) == {
        "tz": "Asia/Kabul",
        "open_weekdays": [7, 2, 4],
        "start_hour": 9,
        "end_hour": 12,
        "slot_minutes": 20,
        "hold_minutes": 7,
        "price_toman": 310_000,
    }


def test_what_is_missing_or_empty_keeps_its_default(db: Connection) -> None:
    before = settings(db)
    assert configure(db, {"SLOT_INTERVAL": " "})
    assert settings(db) == before
    assert before["open_weekdays"] == [6, 1, 3]


def test_afterwards_the_row_is_the_truth(db: Connection) -> None:
    assert configure(db, {})
    before = settings(db)
    assert not configure(db, EVERYTHING)
    assert settings(db) == before


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({"SLOT_INTERVAL": "half"}, ["SLOT_INTERVAL"]),
        ({"ODD_WEEK_DAYS": "sat,noday"}, ["ODD_WEEK_DAYS"]),
        ({"ODD_WEEK_DAYS": "sat,sat"}, ["ODD_WEEK_DAYS"]),
        ({"SLOT_HOLD_MINS": "0"}, ["SLOT_HOLD_MINS"]),
        ({"SLOT_HOLD_MINS": "99999"}, ["SLOT_HOLD_MINS"]),
        ({"SPECIALIST_PRICE_TOMAN": "-1"}, ["SPECIALIST_PRICE_TOMAN"]),
        ({"SLOT_START_HOUR": "22"}, ["SLOT_START_HOUR", "SLOT_END_HOUR"]),
        ({"TZ": "Mars/Olympus"}, ["TZ"]),
        ({"TZ": "Tehran5"}, ["TZ"]),
    ],
)
def test_nonsense_is_refused_by_name_and_changes_nothing(
    db: Connection, environment: dict[str, str], names: list[str]
) -> None:
    before = settings(db)
    with pytest.raises(ConfigError) as refusal:
        configure(db, environment)
    said = str(refusal.value)
    assert [name for name in EVERYTHING if name in said] == names
    assert settings(db) == before
    assert configure(db, {})


def test_the_migrator_may_do_it(fresh_db: Database) -> None:
    with psycopg.connect(fresh_db.url("migrator")) as conn:
        assert configure(conn, EVERYTHING)
