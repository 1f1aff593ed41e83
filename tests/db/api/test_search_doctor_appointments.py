"""api.search_doctor_appointments: a doctor's own calls, in their order."""

from typing import Any
from uuid import UUID

import pytest

from tests.db.api.searching import search
from tests.db.helpers import TEHRAN, configure, forbidden
from tests.support.database import Connection, changed
from tests.support.factories import MESSAGE, make_doctor, make_scheduled, make_user
from tests.support.roles import Person, refused


def calls(conn: Connection, person: Person, **filters: Any) -> list[dict[str, Any]]:
    """Search as a doctor."""
    return search(conn, person, "doctor_appointments", **filters)


@pytest.fixture
def scheduled(db: Connection, owner: Person, doctor: Person) -> list[UUID]:
    """Two calls of the doctor's, made one after the other."""
    assert doctor.db_role == "app_doctor"
    return [make_scheduled(db, owner), make_scheduled(db, make_user(db, "رضا"))]


def test_a_row_carries_whom_to_call_and_why(
    db: Connection, owner: Person, doctor: Person, scheduled: list[UUID]
) -> None:
    row, _ = calls(db, doctor)
    assert row["owner"] == {"name": owner.name, "mobile": owner.mobile}
    assert (row["pet"]["type"], row["pet"]["name"]) == ("CAT", "پشمک")
    assert row["consultation"]["id"] == str(scheduled[0])
    assert row["consultation"]["message_text"] == MESSAGE
    assert (row["status"], row["outcome"], row["media"]) == ("CONFIRMED", None, [])


@pytest.mark.usefixtures("scheduled")
def test_nothing_of_other_doctors_is_found(db: Connection, doctor: Person) -> None:
    assert calls(db, make_doctor(db, "دکتر دیگر")) == []
    assert len(calls(db, doctor)) == 2  # those that are scheduled


@pytest.mark.usefixtures("scheduled")
def test_others_may_not_even_ask(db: Connection, owner: Person, admin: Person) -> None:
    for person in (owner, admin):
        with forbidden():
            calls(db, person)


@pytest.mark.usefixtures("scheduled")
def test_pages_follow_the_order_of_the_calls(db: Connection, doctor: Person) -> None:
    every = calls(db, doctor)
    assert [row["start_at"] for row in every] == sorted(
        row["start_at"] for row in every
    )
    (first,) = calls(db, doctor, max_rows=1)
    place = {"after_at": first["start_at"], "after_id": first["id"]}
    assert [first, *calls(db, doctor, **place)] == every
    with refused("VALIDATION_FAILED") as refusal:
        calls(db, doctor, after_at=first["start_at"])
    assert refusal.details["fields"].keys() == {"cursor"}


@pytest.mark.usefixtures("scheduled")
def test_days_are_the_clinics(db: Connection, doctor: Person) -> None:
    row = calls(db, doctor)[0]
    day = row["start_at"].astimezone(TEHRAN).date()
    found = calls(db, doctor, **{"from": day, "to": day})
    assert row in found
    assert all(r["start_at"].astimezone(TEHRAN).date() == day for r in found)
    # Twelve hours further east, the evening's calls are those of the next day.
    configure(db, tz="Pacific/Auckland")
    assert row not in calls(db, doctor, **{"from": day, "to": day})


def test_of_a_canceled_call_only_the_time_is_shown(
    db: Connection, doctor: Person, scheduled: list[UUID]
) -> None:
    statement = """
        update app.appointments set status = 'CANCELED' where consultation_id = %(id)s
    """
    changed(db, statement, id=scheduled[0])
    (row,) = calls(db, doctor, status="CANCELED")
    hidden = (row["owner"], row["pet"], row["consultation"], row["media"])
    assert hidden == (None, None, None, None)
    (left,) = calls(db, doctor, status="CONFIRMED")
    assert left["consultation"]["id"] == str(scheduled[1])
