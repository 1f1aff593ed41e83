"""Changes of the settings while the system runs and appointments exist."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from tests.db.helpers import (
    assert_healthy,
    clinic_time,
    configure,
    lapse_hold,
    live_seat,
    open_daily,
    status,
)
from tests.support.database import Connection, Database, rows, value
from tests.support.factories import (
    free_slots,
    hold_slot,
    make_consultation,
    make_doctor,
    make_scheduled,
    make_user,
    settle,
    start_payment,
)
from tests.support.roles import Person, as_person, refused


def reasons(db: Connection, person: Person, days_ahead: int) -> dict[str, str | None]:
    """Return why each slot of a day can't be held, by its time in the clinic."""
    day = clinic_time(days_ahead).date()
    with as_person(db, person):
        answer = value(db, "select api.availability(%(day)s, %(day)s)", day=day)
    return {
        slot["start_at"][11:16]: slot["unavailable_reason"]
        for slot in answer["days"][0]["slots"]
    }


@pytest.mark.parametrize("is_confirmed", [False, True])
def test_what_is_booked_stays_and_the_new_grid_goes_around_it(
    db: Connection, owner: Person, *, is_confirmed: bool
) -> None:
    make_doctor(db)
    make_doctor(db)
    open_daily(db)
    consultation_id = make_consultation(db, owner)
    hold = hold_slot(db, owner, consultation_id, clinic_time(1, 18, 30))
    if is_confirmed:
        settle(db, start_payment(db, owner, consultation_id))
    configure(db, slot_minutes=40)
    other = make_user(db)
    assert reasons(db, other, 1) == {
        "17:00": None,
        "17:40": None,
        "18:20": "OVERLAPPED",
        "19:00": None,
        "19:40": None,
        "20:20": None,
    }
    with refused("SLOT_NOT_OFFERED") as refusal:
        hold_slot(db, other, make_consultation(db, other), clinic_time(1, 18, 20))
    assert refusal.details == {"rule": "OVERLAPPED"}
    hold_slot(db, other, make_consultation(db, other), clinic_time(1, 17, 40))
    seat = live_seat(db, consultation_id)
    assert (seat["id"], seat["start_at"]) == (hold["id"], clinic_time(1, 18, 30))
    assert_healthy(db)


def test_what_availability_offers_can_be_held_and_nothing_else(db: Connection) -> None:
    make_doctor(db)
    open_daily(db)
    for start_at in (clinic_time(1, 17, 30), clinic_time(1, 19), clinic_time(1, 20)):
        person = make_user(db)
        hold_slot(db, person, make_consultation(db, person), start_at)
    configure(db, slot_minutes=25, max_live_holds=20)
    person = make_user(db)
    offered = reasons(db, person, 1)
    assert set(offered.values()) == {None, "OVERLAPPED"}
    for time, reason in offered.items():
        start_at = clinic_time(1, int(time[:2]), int(time[3:]))
        consultation_id = make_consultation(db, person)
        if reason is None:
            assert hold_slot(db, person, consultation_id, start_at)
        else:
            with refused("SLOT_NOT_OFFERED"):
                hold_slot(db, person, consultation_id, start_at)
    assert_healthy(db)


def test_a_lapsed_hold_of_the_old_grid_gives_way(db: Connection, owner: Person) -> None:
    make_doctor(db)
    open_daily(db)
    consultation_id = make_consultation(db, owner)
    hold_slot(db, owner, consultation_id, clinic_time(1, 17, 30))
    configure(db, slot_minutes=60)
    lapse_hold(db, consultation_id)
    other = make_user(db)
    assert reasons(db, other, 1)["17:00"] is None
    assert hold_slot(db, other, make_consultation(db, other), clinic_time(1, 17))
    assert status(db, "consultations", consultation_id) == "DETAILS_SUBMITTED"
    capacities = rows(db, "select capacity from app.slots order by start_at")
    assert [row["capacity"] for row in capacities] == [1, 0]
    assert_healthy(db)


def test_a_payer_of_the_old_grid_is_confirmed_or_finds_the_new_one_in_the_way(
    db: Connection, owner: Person
) -> None:
    make_doctor(db)
    open_daily(db)
    consultation_id = make_consultation(db, owner)
    hold_slot(db, owner, consultation_id, clinic_time(1, 17, 30))
    payment_id = start_payment(db, owner, consultation_id)
    configure(db, slot_minutes=60)
    lapse_hold(db, consultation_id)
    other = make_user(db)
    hold_slot(db, other, make_consultation(db, other), clinic_time(1, 17))
    assert settle(db, payment_id) == "VERIFIED"
    assert status(db, "consultations", consultation_id) == "PAID"
    assert hold_slot(db, owner, consultation_id, clinic_time(1, 18))["status"] == (
        "CONFIRMED"
    )
    assert_healthy(db)


def test_a_hold_keeps_its_time_when_the_hold_time_changes(
    db: Connection, owner: Person
) -> None:
    make_doctor(db)
    consultation_id = make_consultation(db, owner)
    first = hold_slot(db, owner, consultation_id)
    configure(db, hold_minutes=60)
    again = hold_slot(db, owner, consultation_id, first["start_at"])
    assert again["hold_expires_at"] == first["hold_expires_at"]
    other = make_user(db)
    later = hold_slot(db, other, make_consultation(db, other))
    assert later["hold_expires_at"] - later["created_at"] > timedelta(minutes=59)


def test_appointments_on_a_day_that_is_closed_from_now_on_stay(
    db: Connection, owner: Person
) -> None:
    make_doctor(db)
    open_daily(db)
    consultation_id = make_scheduled(db, owner)
    start_at = live_seat(db, consultation_id)["start_at"]
    weekday = value(
        db,
        "select extract(isodow from %(at)s at time zone 'Asia/Tehran')::int",
        at=start_at,
    )
    configure(db, open_weekdays=[weekday % 7 + 1])
    assert status(db, "consultations", consultation_id) == "SCHEDULED"
    other = make_user(db)
    with refused("SLOT_NOT_OFFERED") as refusal:
        hold_slot(db, other, make_consultation(db, other), start_at)
    assert refusal.details == {"rule": "CLOSED_DAY"}


GRIDS: list[dict[str, Any]] = [
    {"slot_minutes": 30},
    {"slot_minutes": 45},
    {"slot_minutes": 20, "start_hour": 9, "end_hour": 23},
    {"slot_minutes": 240, "start_hour": 17, "end_hour": 21},
    {"slot_minutes": 30, "tz": "Asia/Kabul"},
    {"slot_minutes": 30, "tz": "Asia/Tehran"},
]


@pytest.fixture
def clinic(fresh_db: Database) -> Iterator[tuple[Connection, Connection]]:
    """A client's long-lived connection, warm, and the admin's."""
    with (
        fresh_db.connect(autocommit=True) as client,
        fresh_db.connect(autocommit=True) as admin,
    ):
        make_doctor(admin)
        open_daily(admin)
        configure(admin, max_live_holds=20)
        yield client, admin


def test_no_connection_needs_a_restart_and_old_grids_come_back(
    clinic: tuple[Connection, Connection],
) -> None:
    client, admin = clinic
    person = make_user(client)
    seen: list[list[datetime]] = []
    for _ in range(2):
        for grid in GRIDS:
            configure(admin, **grid)
            free = free_slots(client, person)
            for _ in range(6):  # more than PL/pgSQL needs to settle for a plan
                assert free_slots(client, person) == free
            hold = hold_slot(client, person, make_consultation(client, person), free[0])
            length = timedelta(minutes=grid["slot_minutes"])
            assert hold["end_at"] - hold["start_at"] == length
            seen.append(free)
            assert_healthy(admin)
    assert all(one != other for one, other in pairwise(seen))
    overlaps = """
        select from app.slots a join app.slots b on b.id > a.id
            and a.capacity > 0 and b.capacity > 0
            and a.start_at < b.end_at and b.start_at < a.end_at
    """
    assert rows(admin, overlaps) == []
    assert value(admin, "select count(*) from app.appointments") == 2 * len(GRIDS)
