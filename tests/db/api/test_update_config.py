"""api.update_config and the view of the settings."""

from typing import Any

import pytest
from psycopg.types.json import Jsonb

from tests.db.helpers import call, forbidden
from tests.support.database import Connection, one, rows
from tests.support.roles import Person, as_person, as_role, refused


def change(
    db: Connection, person: Person, changes: dict[str, Any], version: int | None = None
) -> dict[str, Any]:
    """Change the settings as somebody."""
    changed: dict[str, Any] = call(
        db,
        person,
        "api.update_config",
        changes=Jsonb(changes),
        version=version,
    )
    return changed


def test_an_admin_changes_what_they_name_and_nothing_else(
    db: Connection, admin: Person
) -> None:
    with as_person(db, admin):
        before = one(db, "select * from api.admin_config")
    wanted = {
        "price_toman": 310_000,
        "open_weekdays": [6, 7],
        "doctor_assignment": "MANUAL",
        "start_hour": 9,
        "end_hour": 13,
        "reminder_minutes": 60,
    }
    after = change(db, admin, wanted)
    assert after == before | wanted | {
        "version": before["version"] + 1,
        "updated_at": after["updated_at"],
    }
    with as_person(db, admin):
        assert one(db, "select * from api.admin_config") == after


def test_null_switches_reminders_off(db: Connection, admin: Person) -> None:
    assert change(db, admin, {"reminder_minutes": 60})["reminder_minutes"] == 60
    assert change(db, admin, {"price_toman": 280_000})["reminder_minutes"] == 60
    assert change(db, admin, {"reminder_minutes": None})["reminder_minutes"] is None


def test_no_change_is_no_new_version(db: Connection, admin: Person) -> None:
    version = change(db, admin, {})["version"]
    assert change(db, admin, {}, version)["version"] == version


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"price_toman": 999}, {"price_toman"}),
        ({"price_toman": "dear"}, {"price_toman"}),
        ({"price_toman": None}, {"price_toman"}),
        ({"start_hour": 10**9}, {"start_hour"}),
        ({"start_hour": 17.5}, {"start_hour"}),
        ({"start_hour": 21}, {"start_hour"}),
        ({"start_hour": 22, "end_hour": 20}, {"start_hour", "end_hour"}),
        ({"open_weekdays": []}, {"open_weekdays"}),
        ({"open_weekdays": [6, 6]}, {"open_weekdays"}),
        ({"open_weekdays": ["sat"]}, {"open_weekdays"}),
        ({"open_weekdays": {"sat": True}}, {"open_weekdays"}),
        ({"doctor_assignment": "BY_LOT"}, {"doctor_assignment"}),
        ({"tz": "Asia/Shiraz"}, {"tz"}),
        ({"tz": "Tehran5"}, {"tz"}),
        ({"sms_confirmed_template": "ممنونیم."}, {"sms_confirmed_template"}),
        ({"sms_moved_template": "{who}"}, {"sms_moved_template"}),
        ({"reminder_minutes": 9}, {"reminder_minutes"}),
        ({"hold_minutes": 0, "tz": "", "max_live_holds": 0, "end_hour": 25},
         {"hold_minutes", "tz", "max_live_holds", "end_hour"}),
        ({"version": 7, "updated_at": "2027-01-01", "is_the_only_row": False,
          "configured_at": None, "prize": 1},
         {"version", "updated_at", "is_the_only_row", "configured_at", "prize"}),
    ],
)  # fmt: skip
def test_every_field_that_is_not_valid_is_named(
    db: Connection, admin: Person, changes: dict[str, Any], fields: set[str]
) -> None:
    good = {"cooldown_minutes": 61} | changes
    with refused("VALIDATION_FAILED") as refusal:
        change(db, admin, good)
    named = refusal.details["fields"]
    assert set(named) == fields
    assert all(named.values())
    row = one(db, "select cooldown_minutes, version from app.system_config")
    assert (row["cooldown_minutes"], row["version"]) == (60, 1)


def test_an_hour_that_is_none_is_not_blamed_on_the_slots(
    db: Connection, admin: Person
) -> None:
    words = "select obj_description(oid, 'pg_constraint') as words from pg_constraint"
    hours = one(db, f"{words} where conname = 'system_config_hours_check'")["words"]
    with refused("VALIDATION_FAILED") as refusal:
        change(db, admin, {"start_hour": 25})
    assert refusal.details["fields"] == {"start_hour": hours}


def test_every_constraint_has_words_for_who_breaks_it(db: Connection) -> None:
    query = """
        select conname from pg_constraint
        where conrelid = 'app.system_config'::regclass and contype = 'c'
          and conname <> 'system_config_one_row_check'
          and obj_description(oid, 'pg_constraint') is null
    """
    assert rows(db, query) == []


def test_a_stale_version_is_refused(db: Connection, admin: Person) -> None:
    seen = change(db, admin, {})["version"]
    newer = change(db, admin, {"hold_minutes": 20}, seen)["version"]
    with refused("PRECONDITION_FAILED") as refusal:
        change(db, admin, {"hold_minutes": 25}, seen)
    assert (refusal.status, refusal.details) == (412, {"version": newer})
    assert change(db, admin, {"hold_minutes": 25}, newer)["hold_minutes"] == 25


def test_the_change_is_logged_without_the_texts(db: Connection, admin: Person) -> None:
    text = "یادآوری: {weekday} {date} ساعت {time}"
    change(db, admin, {"price_toman": 300_000, "sms_reminder_template": text})
    line = one(db, "select * from app.audit_log where action = 'CONFIG_CHANGED'")
    assert (line["actor_user_id"], line["entity_type"]) == (admin.user_id, "config")
    assert line["meta"]["fields"] == ["price_toman", "sms_reminder_template"]
    assert line["meta"]["from"] == {"price_toman": 280_000}
    assert line["meta"]["to"] == {"price_toman": 300_000}


def test_the_settings_are_for_admins(
    db: Connection, owner: Person, doctor: Person
) -> None:
    for person in (owner, doctor):
        with forbidden():
            change(db, person, {})
        with forbidden(), as_person(db, person):
            rows(db, "select * from api.admin_config")
    db.execute("grant execute on all functions in schema api, app to app_user")
    with refused("FORBIDDEN"), as_role(db, "app_user", owner.claims):
        rows(db, "select * from api.update_config()")
