"""app.lock_slot and its kin, when the grid is reconfigured."""

from tests.db.helpers import (
    assert_healthy,
    call,
    clinic_time,
    configure,
    open_daily,
)
from tests.support.database import Connection, one, rows
from tests.support.factories import (
    free_slots,
    hold_slot,
    make_consultation,
    make_doctor,
    make_user,
)
from tests.support.roles import Person, refused


def test_a_slot_is_made_when_it_is_first_held(
    db: Connection, owner: Person, doctor: Person
) -> None:
    assert doctor.db_role == "app_doctor"
    assert rows(db, "select * from app.slots") == []
    hold = hold_slot(db, owner, make_consultation(db, owner))
    slot = one(db, "select * from app.slots")
    assert (slot["start_at"], slot["end_at"]) == (hold["start_at"], hold["end_at"])
    assert slot["capacity"] == 1


def test_empty_slots_of_an_earlier_grid_give_way(db: Connection, owner: Person) -> None:
    make_doctor(db)
    open_daily(db)
    consultation_id = make_consultation(db, owner)
    hold_slot(db, owner, consultation_id, clinic_time(1, 17, 30))
    call(db, owner, "api.release_hold", consultation_id=consultation_id)
    configure(db, slot_minutes=60)
    hold_slot(db, owner, consultation_id, clinic_time(1, 17))
    slots = rows(db, "select capacity from app.slots order by start_at")
    assert [slot["capacity"] for slot in slots] == [1, 0]
    assert_healthy(db)


def test_and_come_back_with_their_grid(db: Connection, owner: Person) -> None:
    make_doctor(db)
    open_daily(db)
    consultation_id = make_consultation(db, owner)
    for minutes, start_at in (
        (30, clinic_time(1, 17, 30)),
        (60, clinic_time(1, 17)),
        (30, clinic_time(1, 17, 30)),
    ):
        configure(db, slot_minutes=minutes)
        hold_slot(db, owner, consultation_id, start_at)
        call(db, owner, "api.release_hold", consultation_id=consultation_id)
    in_use = one(db, "select * from app.slots where capacity > 0")
    assert in_use["start_at"] == clinic_time(1, 17, 30)
    assert_healthy(db)


def test_an_occupied_slot_of_an_earlier_grid_stays_in_the_way(
    db: Connection, owner: Person
) -> None:
    make_doctor(db)
    make_doctor(db)
    open_daily(db)
    hold_slot(db, owner, make_consultation(db, owner), clinic_time(1, 17, 30))
    configure(db, slot_minutes=60)
    other = make_user(db)
    with refused("SLOT_NOT_OFFERED") as refusal:
        hold_slot(db, other, make_consultation(db, other), clinic_time(1, 17))
    assert refusal.details == {"rule": "OVERLAPPED"}
    assert_healthy(db)


def test_what_can_not_be_held_for_that_reason_is_not_shown_as_free(
    db: Connection, owner: Person
) -> None:
    make_doctor(db)
    make_doctor(db)
    open_daily(db)
    hold_slot(db, owner, make_consultation(db, owner), clinic_time(1, 17, 30))
    configure(db, slot_minutes=60)
    free = free_slots(db, owner)
    assert clinic_time(1, 17) not in free
    assert clinic_time(1, 18) in free
