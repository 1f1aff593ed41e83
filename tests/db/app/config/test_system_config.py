"""app.system_config: what the clinic may not set, whoever tries."""

import psycopg
import pytest

from tests.db.helpers import configure, forbidden, violates
from tests.support.database import Connection, changed, one
from tests.support.roles import Person, as_person

# What is refused, by the constraint that refuses it.
NONSENSE = [
    ("tz", {"tz": "Tehran5"}),
    ("tz", {"tz": ""}),
    ("open_weekdays", {"open_weekdays": []}),
    ("open_weekdays", {"open_weekdays": [0]}),
    ("open_weekdays", {"open_weekdays": [6, 8]}),
    ("open_weekdays", {"open_weekdays": [6, None]}),
    ("open_weekdays", {"open_weekdays": [6, 6]}),
    ("open_weekdays", {"open_weekdays": [6, 1, 3, 1]}),
    ("open_weekdays", {"open_weekdays": [[6, 1], [1, 3]]}),
    ("hours", {"start_hour": -1}),
    ("hours", {"start_hour": 21}),
    ("hours", {"end_hour": 25}),
    ("slot_minutes", {"slot_minutes": 4}),
    ("slot_minutes", {"slot_minutes": 241, "start_hour": 0}),
    ("slot_minutes", {"slot_minutes": 90, "start_hour": 20}),
    ("hold_minutes", {"hold_minutes": 0}),
    ("hold_minutes", {"hold_minutes": 121}),
    ("payment_window", {"payment_window_minutes": 0}),
    ("payment_window", {"payment_window_minutes": 121}),
    ("price", {"price_toman": 999}),
    ("price", {"price_toman": 100_000_001}),
    ("horizon", {"booking_horizon_days": 0}),
    ("horizon", {"booking_horizon_days": 366}),
    ("max_live_holds", {"max_live_holds": 0}),
    ("max_live_holds", {"max_live_holds": 21}),
    ("cooldown", {"cooldown_after_expired_holds": 0}),
    ("cooldown", {"cooldown_minutes": 0}),
    ("cooldown", {"cooldown_minutes": 1441}),
    ("ttl", {"consultation_ttl_hours": 0}),
    ("ttl", {"consultation_ttl_hours": 721}),
    ("sms_confirmed", {"sms_confirmed_template": "ممنونیم."}),
    ("sms_confirmed", {"sms_confirmed_template": "{date} {wrong}"}),
    ("sms_slot_lost", {"sms_slot_lost_template": ""}),
]
LIMITS = [
    {"tz": "Europe/Berlin"},
    {"tz": "America/Port-au-Prince"},
    {"tz": "UTC"},
    {"open_weekdays": [1, 2, 3, 4, 5, 6, 7]},
    {"start_hour": 0, "end_hour": 24},
    {"start_hour": 20, "slot_minutes": 60},
    {"slot_minutes": 5},
    {"slot_minutes": 240},
    {"hold_minutes": 1},
    {"hold_minutes": 120},
    {"price_toman": 1000},
    {"price_toman": 100_000_000},
    {"booking_horizon_days": 1},
    {"booking_horizon_days": 365},
    {"max_live_holds": 1},
    {"cooldown_after_expired_holds": 1, "cooldown_minutes": 1},
    {"consultation_ttl_hours": 720},
    {"doctor_assignment": "MANUAL"},
]


@pytest.mark.parametrize(("constraint", "settings"), NONSENSE)
def test_nonsense_is_refused(
    db: Connection, constraint: str, settings: dict[str, object]
) -> None:
    with violates(f"system_config_{constraint}_check"):
        configure(db, **settings)


@pytest.mark.parametrize("settings", LIMITS)
def test_the_limits_themselves_are_allowed(
    db: Connection, settings: dict[str, object]
) -> None:
    configure(db, **settings)
    row = one(db, "select * from app.system_config")
    assert {name: row[name] for name in settings} == settings


def test_a_zone_that_does_not_exist_is_refused(db: Connection) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        configure(db, tz="Asia/Shiraz")


def test_no_setting_that_is_needed_can_be_left_empty(db: Connection) -> None:
    row = one(db, "select * from app.system_config")
    not_settings = {"updated_at", "configured_at", "version"}
    optional = {"reminder_minutes", "medical_retention_days"}
    for name in row.keys() - not_settings - optional:
        with pytest.raises(psycopg.errors.NotNullViolation), db.transaction():
            changed(db, f"update app.system_config set {name} = null")


def test_there_is_one_row(db: Connection) -> None:
    with violates("system_config_pkey"), db.transaction():
        changed(db, "insert into app.system_config default values")
    with violates("system_config_one_row_check"):
        changed(db, "insert into app.system_config (is_the_only_row) values (false)")


def test_only_admins_read_the_settings(
    db: Connection, owner: Person, doctor: Person, admin: Person
) -> None:
    with as_person(db, admin):
        assert one(db, "select price_toman from app.system_config")
    for person in (owner, doctor):
        with forbidden(), as_person(db, person):
            db.execute("select price_toman from app.system_config")
