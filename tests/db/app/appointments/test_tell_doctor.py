"""What doctors hear of their calls, in their own list of notifications."""

from typing import Any
from uuid import UUID

import pytest

from tests.db.helpers import ask, call, live_seat, some_slots
from tests.support.database import Connection, rows, value
from tests.support.factories import make_consultation, make_doctor, make_scheduled
from tests.support.roles import Person, as_person


def heard(db: Connection, person: Person) -> list[tuple[str, Any]]:
    """Return what the person can read, in order: the type and the payload."""
    with as_person(db, person):
        query = "select type, payload from api.notifications order by created_at, id"
        return [(row["type"], row["payload"]) for row in rows(db, query)]


def types(db: Connection, person: Person) -> list[str]:
    """Return the types of what the person can read, in order."""
    return [kind for kind, _ in heard(db, person)]


def doctor_id(db: Connection, person: Person) -> UUID:
    """Return the doctor's id."""
    query = "select id from app.doctors where user_id = %(id)s"
    found: UUID = value(db, query, id=person.user_id)
    return found


@pytest.fixture
def scheduled(db: Connection, owner: Person, doctor: Person) -> UUID:  # noqa: ARG001
    """A consultation with a confirmed seat, whose doctor is the only one."""
    found: UUID = make_scheduled(db, owner)
    return found


def test_a_doctor_hears_of_a_new_call_by_its_ids_and_time(
    db: Connection, doctor: Person, scheduled: UUID
) -> None:
    seat = live_seat(db, scheduled)
    ((kind, payload),) = heard(db, doctor)
    assert kind == "APPOINTMENT_CONFIRMED"
    assert payload.keys() == {"consultation_id", "appointment_id", "start_at"}
    assert payload["appointment_id"] == str(seat["id"])


def test_a_doctor_hears_that_a_call_was_moved(
    db: Connection, admin: Person, doctor: Person, scheduled: UUID
) -> None:
    later = some_slots(db, 3)[-1]
    call(db, admin, "api.edit_consultation", consultation_id=scheduled, start_at=later)
    assert types(db, doctor) == ["APPOINTMENT_CONFIRMED", "APPOINTMENT_MOVED"]
    assert {"start_at", "previous_start_at"} < heard(db, doctor)[1][1].keys()


def test_of_two_doctors_each_hears_that_a_call_changed_hands(
    db: Connection, admin: Person, doctor: Person, scheduled: UUID
) -> None:
    other = make_doctor(db)
    call(
        db,
        admin,
        "api.edit_consultation",
        consultation_id=scheduled,
        doctor_id=doctor_id(db, other),
    )
    assert types(db, doctor) == ["APPOINTMENT_CONFIRMED", "APPOINTMENT_CANCELED"]
    assert types(db, other) == ["APPOINTMENT_CONFIRMED"]


@pytest.mark.parametrize("is_refund", [False, True])
def test_a_doctor_hears_that_a_call_was_canceled(
    db: Connection, admin: Person, doctor: Person, scheduled: UUID, is_refund: bool
) -> None:
    if is_refund:
        payment_id = value(db, "select id from app.payments")
        ask(db, "sidecar.request_refund", admin, payment_id=payment_id)
    else:
        call(
            db,
            admin,
            "api.edit_consultation",
            consultation_id=scheduled,
            status="CANCELED",
        )
    assert types(db, doctor) == ["APPOINTMENT_CONFIRMED", "APPOINTMENT_CANCELED"]


def test_a_doctor_hears_nothing_of_what_is_only_held(
    db: Connection, owner: Person, doctor: Person
) -> None:
    first, second = some_slots(db, 2)
    consultation_id = make_consultation(db, owner)
    for start_at in (first, second):
        call(
            db,
            owner,
            "api.hold_slot",
            consultation_id=consultation_id,
            start_at=start_at,
        )
    call(db, owner, "api.release_hold", consultation_id=consultation_id)
    assert types(db, doctor) == []
