"""api.summary: what became of the calls, against figures that were counted by hand."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest

from tests.db.helpers import TEHRAN, ask, call, configure, live_seat, some_slots
from tests.support.database import Connection, changed, rows, value
from tests.support.factories import (
    hold_slot,
    make_consultation,
    make_doctor,
    make_scheduled,
    make_user,
    settle,
    start_payment,
)
from tests.support.roles import Person, as_person, refused

FIRST, SECOND = date(2026, 3, 1), date(2026, 3, 2)
PRICE = 280_000
DOCTOR = "دکتر مینا رضایی"


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """Return a time of day in Iran."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=TEHRAN)


def booked(db: Connection, start_at: datetime) -> UUID:
    """Confirm a call, and let it have been at another time; return the consultation."""
    consultation_id = make_scheduled(db, make_user(db))
    seat = live_seat(db, consultation_id)
    statement = """
        update app.slots set start_at = %(at)s, end_at = %(at)s + interval '30 minutes'
        where id = %(id)s
    """
    assert changed(db, statement, at=start_at, id=seat["slot_id"]) == 1
    return consultation_id


def edit(db: Connection, admin: Person, consultation_id: UUID, **changes: Any) -> None:
    """Change a consultation as an admin."""
    call(db, admin, "api.edit_consultation", consultation_id=consultation_id, **changes)


def refund(db: Connection, admin: Person, consultation_id: UUID, amount: int) -> None:
    """Have a part of what was paid for a consultation go back."""
    query = "select id from app.payments where consultation_id = %(id)s"
    payment_id = value(db, query, id=consultation_id)
    ask(
        db,
        "sidecar.request_refund",
        admin,
        payment_id=payment_id,
        amount_toman=amount,
    )


def summary(
    db: Connection, admin: Person, first: date = FIRST, last: date = SECOND
) -> list[tuple[Any, ...]]:
    """Return the rows: day, doctor, booked, completed, no-shows, canceled, income."""
    query = """
        select day, doctor, booked, completed, no_shows, canceled, income_toman
        from api.summary(%(first)s, %(last)s)
    """
    with as_person(db, admin):
        return [tuple(row.values()) for row in rows(db, query, first=first, last=last)]


@pytest.mark.usefixtures("doctor")
def test_each_way_in_which_a_call_ends_is_counted_once(
    db: Connection, admin: Person
) -> None:
    times = (at(FIRST, hour) for hour in range(9, 20))
    for outcome in ("TOOK_PLACE", "NO_SHOW"):
        edit(db, admin, booked(db, next(times)), status="COMPLETED", outcome=outcome)
    edit(db, admin, booked(db, next(times)), status="CANCELED")
    booked(db, next(times))  # to come
    consoled = booked(db, next(times))
    edit(db, admin, consoled, status="COMPLETED")
    refund(db, admin, consoled, 80_000)
    # 5 booked: 2 took place, 1 did not, 1 is canceled, 1 is to come. Paid are 5, of
    # which the canceled one goes back, and 80,000 of another.
    income = 4 * PRICE - 80_000
    assert summary(db, admin) == [(FIRST, DOCTOR, 5, 2, 1, 1, income)]


def test_what_was_only_held_or_not_paid_is_not_counted(
    db: Connection, admin: Person, owner: Person, held: UUID
) -> None:
    assert settle(db, start_payment(db, owner, held), "NOT_PAID") == "FAILED"
    given_up = make_consultation(db, owner)
    hold_slot(db, owner, given_up)
    call(db, owner, "api.release_hold", consultation_id=given_up)
    assert summary(db, admin, date(2026, 1, 1), date(2027, 12, 31)) == []


@pytest.mark.usefixtures("doctor")
def test_money_counts_less_what_goes_back_even_if_it_was_paid_twice(
    db: Connection, admin: Person, owner: Person
) -> None:
    consultation_id = make_consultation(db, owner)
    hold_slot(db, owner, consultation_id)
    first = start_payment(db, owner, consultation_id)
    assert settle(db, first, "NOT_PAID") == "FAILED"
    hold_slot(db, owner, consultation_id)
    assert settle(db, start_payment(db, owner, consultation_id)) == "VERIFIED"
    assert settle(db, first) == "VERIFIED"  # late truth: a surplus, which goes back
    days = date(2026, 1, 1), date(2027, 12, 31)
    ((_, _, seats, *_, income),) = summary(db, admin, *days)
    assert (seats, income) == (1, PRICE)


@pytest.mark.usefixtures("doctor")
def test_a_day_is_the_clinics_and_begins_and_ends_there(
    db: Connection, admin: Person
) -> None:
    for start_at in (at(FIRST, 0), at(FIRST, 23, 30), at(SECOND, 0)):
        booked(db, start_at)
    assert at(SECOND, 0).utctimetuple().tm_mday == FIRST.day
    assert summary(db, admin) == [
        (SECOND, DOCTOR, 1, 0, 0, 0, PRICE),
        (FIRST, DOCTOR, 2, 0, 0, 0, 2 * PRICE),
    ]
    assert summary(db, admin, FIRST, FIRST) == [(FIRST, DOCTOR, 2, 0, 0, 0, 2 * PRICE)]
    assert summary(db, admin, SECOND, SECOND) == [(SECOND, DOCTOR, 1, 0, 0, 0, PRICE)]
    configure(db, tz="UTC")  # there, two of them are on the first, and one is before
    assert [(row[0], row[2]) for row in summary(db, admin)] == [(FIRST, 2)]


def test_each_doctor_has_a_row_a_day_and_so_have_calls_without_one(
    db: Connection, admin: Person
) -> None:
    make_doctor(db, "دکتر الف")
    make_doctor(db, "دکتر ب")
    for start_at in (at(FIRST, 10), at(FIRST, 11), at(SECOND, 10)):
        booked(db, start_at)
    configure(db, doctor_assignment="MANUAL")
    booked(db, at(FIRST, 12))
    shown = summary(db, admin)
    assert [(day, doctor, seats) for day, doctor, seats, *_ in shown[1:]] == [
        (FIRST, "دکتر الف", 1),
        (FIRST, "دکتر ب", 1),
        (FIRST, None, 1),
    ]
    assert (shown[0][0], shown[0][2]) == (SECOND, 1)


@pytest.mark.usefixtures("doctor")
def test_a_call_that_is_moved_counts_where_it_is_now(
    db: Connection, admin: Person
) -> None:
    consultation_id = make_scheduled(db, make_user(db))
    last = some_slots(db, 1000)[-1]
    before = live_seat(db, consultation_id)["start_at"].astimezone(TEHRAN).date()
    day = last.astimezone(TEHRAN).date()
    assert day > before
    edit(db, admin, consultation_id, start_at=last)
    assert summary(db, admin, before, day) == [(day, DOCTOR, 1, 0, 0, 0, PRICE)]


def test_days_that_make_no_sense_are_named(db: Connection, admin: Person) -> None:
    for first, last, fields in (
        (None, None, {"from", "to"}),
        (SECOND, FIRST, {"to"}),
        (date(2020, 1, 1), date(2026, 1, 1), {"to"}),
    ):
        with refused("VALIDATION_FAILED") as refusal:
            call(db, admin, "api.summary", **{"from": first, "to": last})
        assert refusal.details["fields"].keys() == fields
