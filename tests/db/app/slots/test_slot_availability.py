"""app.slot_availability: capacity as app.available_doctors knows it, and the grid."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from tests.db.helpers import TEHRAN, configure, open_daily
from tests.support.database import Connection, changed, rows
from tests.support.factories import make_doctor

SLOTS = """
    select * from app.slot_availability(%(first)s, %(last)s) order by start_at
"""


def slots(db: Connection, first: date, last: date) -> list[Any]:
    """Return the slots of the range."""
    return rows(db, SLOTS, first=first, last=last)


@pytest.mark.parametrize("seed", range(5))
def test_capacity_is_the_number_of_available_doctors(db: Connection, seed: int) -> None:
    random = Random(seed)
    open_daily(db)
    for number in range(4):
        make_doctor(db, f"دکتر {number}")
    changed(
        db, "update app.doctors set is_active = false where display_name = 'دکتر 0'"
    )
    statement = """
        insert into app.doctor_absences (doctor_id, start_at, end_at)
        select d.id, %(start)s, %(end)s from app.doctors d
        order by md5(d.display_name || %(salt)s) limit 1
    """
    for number in range(40):
        start_at = datetime(2027, 1, 1, 12, tzinfo=TEHRAN) + timedelta(
            minutes=random.randrange(14 * 24 * 60)
        )
        end_at = start_at + timedelta(minutes=random.choice([1, 30, 45, 600, 3000]))
        changed(db, statement, start=start_at, end=end_at, salt=f"{seed}-{number}")
    query = f"""
        select s.capacity, (
            select count(*) from app.available_doctors(s.start_at, s.end_at)
        ) as expected
        from ({SLOTS}) s
    """
    found = rows(db, query, first=date(2027, 1, 1), last=date(2027, 1, 14))
    assert len(found) == 14 * 8
    assert [row["capacity"] for row in found] == [row["expected"] for row in found]
    assert len({row["capacity"] for row in found}) > 2


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (date(2027, 3, 28), 23),  # the clocks are put forward in the night
        (date(2027, 3, 27), 24),
        (date(2027, 10, 31), 25),  # and back
    ],
)
def test_a_day_on_which_the_clocks_change_has_whole_slots_that_do_not_overlap(
    db: Connection, day: date, hours: int
) -> None:
    configure(db, tz="Europe/Berlin", start_hour=0, end_hour=24, slot_minutes=60)
    open_daily(db)
    found = slots(db, day, day)
    assert len(found) == hours
    for slot, following in pairwise(found):
        assert slot["end_at"] == following["start_at"]
    assert {slot["end_at"] - slot["start_at"] for slot in found} == {timedelta(hours=1)}


def test_the_finest_grid_of_the_longest_range_is_complete(db: Connection) -> None:
    configure(db, start_hour=0, end_hour=24, slot_minutes=5, booking_horizon_days=365)
    open_daily(db)
    first = date(2027, 1, 1)
    assert len(slots(db, first, first + timedelta(days=61))) == 62 * 288
