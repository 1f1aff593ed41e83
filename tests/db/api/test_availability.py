"""api.availability."""

from datetime import date, timedelta
from typing import Any

import jdatetime
import psycopg
import pytest

from tests.db.helpers import (
    call,
    clinic_time,
    close_clinic,
    configure,
    forbidden,
    lapse_hold,
    open_daily,
)
from tests.support.database import Connection, changed, one, value
from tests.support.factories import (
    hold_slot,
    make_consultation,
    make_doctor,
    make_scheduled,
    make_user,
)
from tests.support.roles import Person, as_role, refused


def calendar(
    db: Connection, person: Person, first: date, last: date
) -> list[dict[str, Any]]:
    """Return the days that the person is offered."""
    answer = call(db, person, "api.availability", **{"from": first, "to": last})
    days: list[dict[str, Any]] = answer["availability"]["days"]
    return days


def day_of(db: Connection, person: Person, days_ahead: int) -> list[dict[str, Any]]:
    """Return the slots of one day, which must be an open one."""
    day = clinic_time(days_ahead).date()
    (found,) = calendar(db, person, day, day)
    slots: list[dict[str, Any]] = found["slots"]
    return slots


@pytest.mark.usefixtures("doctor")
def test_an_open_day_has_half_hours_from_17_to_21(
    db: Connection, owner: Person
) -> None:
    (day,) = calendar(db, owner, date(2027, 1, 2), date(2027, 1, 2))
    starts = [slot["start_at"] for slot in day["slots"]]
    assert starts == [
        f"2027-01-02T{hour}:{minute}:00+03:30"
        for hour in (17, 18, 19, 20)
        for minute in ("00", "30")
    ]
    assert [slot["end_at"] for slot in day["slots"]] == [
        *starts[1:],
        "2027-01-02T21:00:00+03:30",
    ]
    assert {slot["capacity"] for slot in day["slots"]} == {1}


def test_the_zone_is_named(db: Connection, owner: Person) -> None:
    day = date(2027, 1, 2)
    answer = call(db, owner, "api.availability", **{"from": day, "to": day})
    assert answer["availability"]["timezone"] == "Asia/Tehran"


def test_open_are_saturday_monday_and_wednesday(db: Connection, owner: Person) -> None:
    days = calendar(db, owner, date(2027, 1, 1), date(2027, 1, 14))
    assert [(day["date"], day["weekday"]) for day in days] == [
        ("2027-01-02", "Saturday"),
        ("2027-01-04", "Monday"),
        ("2027-01-06", "Wednesday"),
        ("2027-01-09", "Saturday"),
        ("2027-01-11", "Monday"),
        ("2027-01-13", "Wednesday"),
    ]


def test_weekdays_and_hours_are_configured(db: Connection, owner: Person) -> None:
    configure(db, open_weekdays=[5], start_hour=8, end_hour=10, slot_minutes=50)
    (day,) = calendar(db, owner, date(2027, 1, 1), date(2027, 1, 7))
    assert (day["date"], day["weekday"]) == ("2027-01-01", "Friday")
    assert [slot["start_at"][11:16] for slot in day["slots"]] == ["08:00", "08:50"]


def test_weekdays_are_the_clinics_own_not_utcs(db: Connection, owner: Person) -> None:
    configure(db, open_weekdays=[6], start_hour=0, end_hour=1)
    (day,) = calendar(db, owner, date(2027, 1, 1), date(2027, 1, 7))
    assert day["slots"][0]["start_at"] == "2027-01-02T00:00:00+03:30"


def test_each_day_carries_its_jalali_date(db: Connection, owner: Person) -> None:
    open_daily(db)
    for day in calendar(db, owner, date(2027, 3, 1), date(2027, 4, 10)):
        jalali = jdatetime.date.fromgregorian(date=date.fromisoformat(day["date"]))
        assert day["jalali_date"] == jalali.strftime("%Y-%m-%d")


def test_held_and_confirmed_seats_are_taken(
    db: Connection, owner: Person, stranger: Person
) -> None:
    open_daily(db)
    make_doctor(db)
    make_doctor(db)
    start_at = clinic_time(1)
    hold_slot(db, owner, make_consultation(db, owner), start_at)
    slot, next_slot = day_of(db, stranger, 1)[:2]
    assert (slot["capacity"], slot["taken"], slot["is_full"]) == (2, 1, False)
    hold_slot(db, stranger, make_consultation(db, stranger), start_at)
    slot, next_slot = day_of(db, owner, 1)[:2]
    assert (slot["taken"], slot["is_full"]) == (2, True)
    assert slot["unavailable_reason"] == "FULL"
    assert (next_slot["taken"], next_slot["is_full"]) == (0, False)


@pytest.mark.usefixtures("doctor")
def test_a_completed_call_still_takes_its_seat(db: Connection, owner: Person) -> None:
    make_scheduled(db, owner)
    changed(db, "update app.appointments set status = 'COMPLETED'")
    start_at = value(db, "select start_at at time zone 'Asia/Tehran' from app.slots")
    (day,) = calendar(db, owner, start_at.date(), start_at.date())
    assert sum(slot["taken"] for slot in day["slots"]) == 1


@pytest.mark.usefixtures("doctor")
def test_a_lapsed_hold_counts_as_free_before_any_sweeper_comes(
    db: Connection, owner: Person
) -> None:
    open_daily(db)
    consultation_id = make_consultation(db, owner)
    hold_slot(db, owner, consultation_id, clinic_time(1))
    assert day_of(db, owner, 1)[0]["is_full"]
    lapse_hold(db, consultation_id)
    slot = day_of(db, owner, 1)[0]
    assert (slot["taken"], slot["is_full"]) == (0, False)


def test_without_doctors_every_slot_is_full(db: Connection, owner: Person) -> None:
    open_daily(db)
    assert all(slot["is_full"] for slot in day_of(db, owner, 1))


IS_DOCTORS_USER = "id = (select user_id from app.doctors where id = %(id)s)"


@pytest.mark.parametrize(
    "cause",
    [
        "update app.doctors set is_active = false where id = %(id)s",
        f"update app.users set is_active = false where {IS_DOCTORS_USER}",
        f"update app.users set role = 'USER' where {IS_DOCTORS_USER}",
        """
        insert into app.doctor_absences (doctor_id, start_at, end_at)
        values (%(id)s, %(start)s, %(start)s + interval '1 minute')
        """,
    ],
)
def test_who_takes_no_calls_adds_no_seat(
    db: Connection, owner: Person, cause: str
) -> None:
    open_daily(db)
    make_doctor(db)
    make_doctor(db)
    doctor_id = one(db, "select id from app.doctors limit 1")["id"]
    changed(db, cause, id=doctor_id, start=clinic_time(1))
    assert day_of(db, owner, 1)[0]["capacity"] == 1


@pytest.mark.usefixtures("doctor")
def test_an_absence_ends_where_the_next_slot_begins(
    db: Connection, owner: Person
) -> None:
    open_daily(db)
    statement = """
        insert into app.doctor_absences (doctor_id, start_at, end_at)
        select id, %(start)s, %(start)s + interval '30 minutes' from app.doctors
    """
    changed(db, statement, start=clinic_time(1))
    capacities = [slot["capacity"] for slot in day_of(db, owner, 1)]
    assert capacities == [0, 1, 1, 1, 1, 1, 1, 1]


@pytest.mark.usefixtures("doctor")
def test_what_is_past_closed_or_too_far_says_so(db: Connection, owner: Person) -> None:
    open_daily(db)
    configure(db, booking_horizon_days=10)
    close_clinic(db, clinic_time(1, 18))
    close_clinic(db, clinic_time(11))
    reasons = [slot["unavailable_reason"] for slot in day_of(db, owner, 1)]
    assert reasons == [None, None, "CLOSED", None, None, None, None, None]
    for days_ahead, reason in ((-1, "PAST"), (10, None), (11, "BEYOND_HORIZON")):
        slots = day_of(db, owner, days_ahead)
        assert {slot["unavailable_reason"] for slot in slots} == {reason}


def test_a_range_has_at_most_62_days(db: Connection, owner: Person) -> None:
    open_daily(db)
    first = date(2027, 1, 1)
    assert len(calendar(db, owner, first, first + timedelta(days=61))) == 62
    with refused("VALIDATION_FAILED") as refusal:
        calendar(db, owner, first, first + timedelta(days=62))
    assert list(refusal.details["fields"]) == ["to"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"from": None, "to": date(2027, 1, 1)}, "from"),
        ({"from": date(2027, 1, 1), "to": None}, "to"),
        ({"from": date(2027, 1, 2), "to": date(2027, 1, 1)}, "to"),
        ({"from": date(1999, 12, 31), "to": date(2000, 1, 1)}, "from"),
    ],
)
def test_a_wrong_range_names_its_field(
    db: Connection, owner: Person, asked: dict[str, date | None], field: str
) -> None:
    with refused("VALIDATION_FAILED") as refusal:
        call(db, owner, "api.availability", **asked)
    assert list(refusal.details["fields"]) == [field]


@pytest.mark.parametrize(
    ("first", "last"), [("-infinity", "infinity"), ("2027-01-02", "infinity")]
)
def test_infinity_is_no_date(
    db: Connection, owner: Person, first: str, last: str
) -> None:
    with refused("VALIDATION_FAILED"):
        call(db, owner, "api.availability", **{"from": first, "to": last})


def test_everybody_signed_in_sees_availability_and_nobody_else(
    db: Connection, doctor: Person, admin: Person
) -> None:
    for person in (make_user(db), doctor, admin):
        assert calendar(db, person, date(2027, 1, 2), date(2027, 1, 2))
    with forbidden(), as_role(db, "anon"):
        db.execute("select api.availability(current_date, current_date)")


def test_availability_reads_only(db: Connection, owner: Person) -> None:
    """PostgREST runs GET in a read-only transaction."""
    db.execute("set local transaction_read_only = on")
    assert calendar(db, owner, date(2027, 1, 2), date(2027, 1, 2))
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), db.transaction():
        changed(db, "update app.system_config set price_toman = 1000")
