"""G2: no raw SQL puts a doctor in two places at one time."""

from uuid import UUID

import pytest

from tests.db.guarantees.raw import insert_seat
from tests.db.helpers import assert_healthy, clinic_time, open_daily, violates
from tests.support.database import Connection, changed, one, rows
from tests.support.factories import (
    hold_slot,
    make_consultation,
    make_doctor,
    make_user,
    settle,
    start_payment,
)


@pytest.fixture
def doctor_id(db: Connection) -> UUID:
    """A doctor who has one of two calls at the same time tomorrow."""
    make_doctor(db)
    make_doctor(db)
    open_daily(db)
    for _ in range(2):
        person = make_user(db)
        consultation_id = make_consultation(db, person)
        hold_slot(db, person, consultation_id, clinic_time(1))
        settle(db, start_payment(db, person, consultation_id))
    found: UUID = rows(db, "select doctor_id from app.appointments")[0]["doctor_id"]
    return found


def test_both_calls_at_one_time(db: Connection, doctor_id: UUID) -> None:
    with violates("appointments_doctor_key"), db.transaction():
        changed(db, "update app.appointments set doctor_id = %(id)s", id=doctor_id)
    assert_healthy(db)


def test_a_call_beside_one_that_ended_early(db: Connection, doctor_id: UUID) -> None:
    statement = """
        update app.appointments set status = 'COMPLETED' where doctor_id = %(id)s
    """
    changed(db, statement, id=doctor_id)
    with violates("appointments_doctor_key"), db.transaction():
        changed(db, "update app.appointments set doctor_id = %(id)s", id=doctor_id)


def test_a_call_instead_of_a_canceled_one_is_no_second_place(
    db: Connection, doctor_id: UUID
) -> None:
    statement = """
        update app.appointments set status = 'CANCELED' where doctor_id = %(id)s
    """
    changed(db, statement, id=doctor_id)
    statement = """
        update app.appointments set doctor_id = %(id)s where status = 'CONFIRMED'
    """
    assert changed(db, statement, id=doctor_id) == 1


def test_a_hold_with_a_doctor(db: Connection, doctor_id: UUID) -> None:
    slot = one(db, "update app.slots set capacity = 3 returning *")
    with violates("appointments_doctor_check"), db.transaction():
        insert_seat(db, slot, lane=3, doctor_id=doctor_id)
