"""api.complete_appointment: a doctor ends their own call, once it has begun."""

from typing import Any
from uuid import UUID

import pytest

from tests.db.helpers import (
    NOBODY_ID,
    actions,
    assert_healthy,
    call,
    forbidden,
    live_seat,
    status,
)
from tests.support.database import Connection, changed
from tests.support.factories import make_doctor, make_scheduled
from tests.support.roles import Person, refused


@pytest.fixture
def seat_id(db: Connection, owner: Person, doctor: Person) -> UUID:
    """The doctor's appointment, which is to come."""
    assert doctor.db_role == "app_doctor"
    found: UUID = live_seat(db, make_scheduled(db, owner))["id"]
    return found


def begin(db: Connection, seat_id: UUID) -> None:
    """Let the call have begun a minute ago: the appointment follows its slot."""
    statement = """
        update app.slots set start_at = clock_timestamp() - interval '1 minute',
            end_at = clock_timestamp() + interval '29 minutes'
        where id = (select slot_id from app.appointments where id = %(id)s)
    """
    assert changed(db, statement, id=seat_id) == 1


def complete(db: Connection, person: Person, seat_id: UUID, **more: Any) -> Any:
    """Call the function."""
    function = "api.complete_appointment"
    return call(db, person, function, appointment_id=seat_id, **more)


@pytest.mark.parametrize(
    ("given", "expected"), [({}, "TOOK_PLACE"), ({"outcome": "NO_SHOW"}, "NO_SHOW")]
)
def test_a_call_that_has_begun_is_completed_with_its_consultation(
    db: Connection, doctor: Person, seat_id: UUID, given: Any, expected: str
) -> None:
    begin(db, seat_id)
    row = complete(db, doctor, seat_id, **given)
    assert (row["status"], row["outcome"]) == ("COMPLETED", expected)
    assert row["consultation"]["status"] == "COMPLETED"
    assert actions(db, seat_id)[-1] == "APPOINTMENT_COMPLETED"
    with refused("INVALID_STATE"):
        complete(db, doctor, seat_id)
    assert_healthy(db)


def test_a_call_that_has_not_begun_is_not(
    db: Connection, doctor: Person, seat_id: UUID
) -> None:
    with refused("INVALID_STATE") as refusal:
        complete(db, doctor, seat_id)
    assert refusal.details["status"] == "CONFIRMED"
    assert status(db, "appointments", seat_id) == "CONFIRMED"


def test_the_call_of_another_doctor_is_not_found(
    db: Connection, doctor: Person, seat_id: UUID
) -> None:
    begin(db, seat_id)
    another = make_doctor(db, "دکتر دیگر")
    for person, sought in ((another, seat_id), (doctor, NOBODY_ID)):
        with refused("NOT_FOUND"):
            complete(db, person, sought)
    assert status(db, "appointments", seat_id) == "CONFIRMED"


def test_it_is_for_doctors_alone(
    db: Connection, owner: Person, admin: Person, seat_id: UUID
) -> None:
    begin(db, seat_id)
    for person in (owner, admin):
        with forbidden():
            complete(db, person, seat_id)
