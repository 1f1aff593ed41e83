"""G1: no raw SQL puts more occupying appointments in a slot than its capacity."""

from typing import Any

import psycopg
import pytest

from tests.db.guarantees.raw import insert_seat
from tests.db.helpers import assert_healthy, clinic_time, violates
from tests.support.database import Connection, changed, one, value
from tests.support.factories import make_doctor, make_scheduled, make_user
from tests.support.roles import as_role, refused


def test_a_second_appointment_in_a_lane(db: Connection, slot: dict[str, Any]) -> None:
    with violates("appointments_lane_key"), db.transaction():
        insert_seat(db, slot, lane=1)
    assert_healthy(db)


@pytest.mark.parametrize("lane", [2, 0, -1])
def test_a_lane_outside_the_capacity(
    db: Connection, slot: dict[str, Any], lane: int
) -> None:
    with violates("appointments_lane_check"), db.transaction():
        insert_seat(db, slot, lane=lane)


def test_an_insert_with_a_lying_capacity(db: Connection, slot: dict[str, Any]) -> None:
    with violates("appointments_seat_fkey"), db.transaction():
        insert_seat(db, slot, lane=2, capacity=2)


def test_an_update_to_a_lying_capacity(db: Connection, slot: dict[str, Any]) -> None:
    assert slot["capacity"] == 1
    with violates("appointments_seat_fkey"), db.transaction():
        changed(db, "update app.appointments set slot_capacity = 2, lane = 2")


@pytest.mark.parametrize("column", ["lane", "slot_id", "slot_capacity", "start_at"])
def test_a_null_in_what_the_guarantee_rests_on(
    db: Connection, slot: dict[str, Any], column: str
) -> None:
    assert slot["capacity"] == 1
    with pytest.raises(psycopg.errors.NotNullViolation), db.transaction():
        changed(db, f"update app.appointments set {column} = null")


def test_shrinking_the_capacity_below_an_occupied_lane(
    db: Connection, slot: dict[str, Any]
) -> None:
    changed(db, "update app.slots set capacity = 3")
    seat = insert_seat(db, slot, lane=3, capacity=3)
    assert seat["lane"] == 3
    for capacity in (2, 0):
        with violates("appointments_lane_check"), db.transaction():
            changed(db, "update app.slots set capacity = %(c)s", c=capacity)


def test_a_negative_capacity(db: Connection, slot: dict[str, Any]) -> None:
    assert slot
    with violates("slots_capacity_check"), db.transaction():
        changed(db, "update app.slots set capacity = -1")


def test_a_canceled_appointment_that_comes_back(
    db: Connection, slot: dict[str, Any]
) -> None:
    seat_id = one(db, "select id from app.appointments")["id"]
    statement = "update app.appointments set status = 'CANCELED' where id = %(id)s"
    changed(db, statement, id=seat_id)
    insert_seat(db, slot, lane=1)
    revive = """
        update app.appointments set status = %(to)s, cancel_reason = null
        where id = %(id)s
    """
    for back_to in ("HELD", "CONFIRMED", "COMPLETED"):
        with violates("appointments_lane_key"), db.transaction():
            changed(db, revive, id=seat_id, to=back_to)
    changed(db, "update app.slots set capacity = 2")
    for back_to in ("HELD", "CONFIRMED", "COMPLETED"):
        with refused("INVALID_STATE"), db.transaction():
            changed(
                db, revive.replace("set ", "set lane = 2, "), id=seat_id, to=back_to
            )


def test_a_call_that_ended_early_still_takes_its_seat(db: Connection) -> None:
    make_doctor(db)
    make_scheduled(db, make_user(db))
    changed(db, "update app.appointments set status = 'COMPLETED'")
    with violates("appointments_lane_key"), db.transaction():
        insert_seat(db, one(db, "select * from app.slots"), lane=1)


@pytest.mark.parametrize("minutes", [0, 15, -15])
def test_a_second_slot_that_overlaps_one_in_use(
    db: Connection, slot: dict[str, Any], minutes: int
) -> None:
    statement = """
        insert into app.slots (start_at, end_at, capacity)
        select start_at + make_interval(mins => %(m)s),
            end_at + make_interval(mins => %(m)s), %(capacity)s
        from app.slots where id = %(id)s
    """
    with violates("slots_no_overlap_excl"), db.transaction():
        changed(db, statement, m=minutes, capacity=5, id=slot["id"])
    assert changed(db, statement, m=minutes, capacity=0, id=slot["id"]) == 1


def test_reviving_a_retired_slot_that_overlaps_one_in_use(
    db: Connection, slot: dict[str, Any]
) -> None:
    statement = """
        insert into app.slots (start_at, end_at, capacity)
        select start_at, end_at + interval '1 hour', 0 from app.slots
    """
    changed(db, statement)
    with violates("slots_no_overlap_excl"), db.transaction():
        changed(
            db, "update app.slots set capacity = 1 where id <> %(id)s", id=slot["id"]
        )


def test_moving_a_slot_over_another_one(db: Connection, slot: dict[str, Any]) -> None:
    statement = """
        insert into app.slots (start_at, end_at, capacity) values (%(s)s, %(e)s, 1)
        returning id
    """
    far = value(db, statement, s=clinic_time(50, 17), e=clinic_time(50, 17, 30))
    with violates("slots_no_overlap_excl"), db.transaction():
        changed(
            db,
            "update app.slots set start_at = %(s)s, end_at = %(e)s where id = %(id)s",
            s=slot["start_at"],
            e=slot["end_at"],
            id=far,
        )


def test_an_appointment_that_says_another_time_than_its_slot(
    db: Connection, slot: dict[str, Any]
) -> None:
    assert slot
    statement = "update app.appointments set end_at = end_at + interval '1 hour'"
    with violates("appointments_seat_fkey"), db.transaction():
        changed(db, statement)


def test_deleting_a_slot_that_somebody_sits_in(
    db: Connection, slot: dict[str, Any]
) -> None:
    with violates("appointments_seat_fkey"), db.transaction():
        changed(db, "delete from app.slots where id = %(id)s", id=slot["id"])


def test_an_appointment_that_begins_confirmed(
    db: Connection, slot: dict[str, Any]
) -> None:
    changed(db, "update app.slots set capacity = 9")
    for status in ("CONFIRMED", "COMPLETED", "CANCELED"):
        with refused("INVALID_STATE"), db.transaction():
            insert_seat(db, slot, lane=9, capacity=9, status=status)


def test_more_doctors_do_not_loosen_an_older_slots_lanes(
    db: Connection, slot: dict[str, Any]
) -> None:
    make_doctor(db)
    with violates("appointments_lane_check"), db.transaction():
        insert_seat(db, slot, lane=2)


@pytest.mark.parametrize("role", ["app_user", "app_doctor", "app_admin", "sidecar"])
def test_nobody_but_the_owner_reaches_the_table_at_all(
    db: Connection, slot: dict[str, Any], role: str
) -> None:
    assert slot
    for statement in (
        "update app.appointments set lane = 2",
        "delete from app.appointments",
        "update app.slots set capacity = 9",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), as_role(db, role):
            changed(db, statement)
