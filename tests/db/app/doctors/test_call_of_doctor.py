"""app.call_of_doctor: what a doctor learns of a call, and nobody else of it."""

from typing import Any
from uuid import UUID

import pytest

from tests.db.helpers import call, live_seat
from tests.support.database import Connection, one, value
from tests.support.factories import make_doctor, make_scheduled
from tests.support.roles import Person, as_person


@pytest.fixture
def scheduled(db: Connection, owner: Person, doctor: Person) -> UUID:  # noqa: ARG001
    """A consultation whose call the doctor has."""
    return make_scheduled(db, owner)


def learned(db: Connection, person: Person, appointment_id: UUID) -> Any:
    """Ask about a call as somebody."""
    with as_person(db, person):
        query = "select app.call_of_doctor(%(id)s)"
        return value(db, query, id=appointment_id)


def test_it_is_whom_to_call_and_why(
    db: Connection, owner: Person, doctor: Person, scheduled: UUID
) -> None:
    told = learned(db, doctor, live_seat(db, scheduled)["id"])
    assert told.keys() == {"owner", "pet", "consultation", "media"}
    assert told["owner"] == {"name": owner.name, "mobile": owner.mobile}
    assert told["consultation"]["id"] == str(scheduled)


def test_whoever_loses_the_call_learns_nothing_more_of_it(
    db: Connection, admin: Person, doctor: Person, scheduled: UUID
) -> None:
    seat = live_seat(db, scheduled)
    colleague = make_doctor(db, "دکتر ب")
    assert learned(db, colleague, seat["id"]) is None
    query = "select id from app.doctors where user_id = %(id)s"
    other = one(db, query, id=colleague.user_id)["id"]
    about = {"consultation_id": scheduled}
    call(db, admin, "api.edit_consultation", doctor_id=other, **about)
    assert learned(db, doctor, seat["id"]) is None
    assert learned(db, colleague, seat["id"])
    call(db, admin, "api.edit_consultation", status="CANCELED", **about)
    assert learned(db, colleague, seat["id"]) is None
