"""api.read_notification, and the view of notifications."""

from uuid import UUID

import pytest

from tests.db.helpers import NOBODY_ID, call
from tests.support.database import Connection, rows, value
from tests.support.factories import make_scheduled
from tests.support.roles import Person, as_person, refused


def inbox(db: Connection, person: Person) -> dict[str, UUID]:
    """Return what the person can read: the ids by type."""
    with as_person(db, person):
        found = rows(db, "select id, type from api.notifications")
    return {row["type"]: row["id"] for row in found}


def test_everybody_sees_their_own_news(
    db: Connection, owner: Person, stranger: Person, doctor: Person, admin: Person
) -> None:
    make_scheduled(db, owner)
    assert set(inbox(db, owner)) == {"PAYMENT_SUCCESS", "APPOINTMENT_CONFIRMED"}
    assert set(inbox(db, admin)) == {"NEW_CONSULTATION", "SLOT_SELECTED"}
    assert set(inbox(db, doctor)) == {"APPOINTMENT_CONFIRMED"}
    assert inbox(db, stranger) == {}


@pytest.mark.usefixtures("doctor")
def test_a_notification_is_marked_as_read(db: Connection, owner: Person) -> None:
    make_scheduled(db, owner)
    notification_id = inbox(db, owner)["PAYMENT_SUCCESS"]
    for _ in ("once", "again"):
        read = call(db, owner, "api.read_notification", notification_id=notification_id)
        assert (read["id"], read["is_read"]) == (notification_id, True)
    assert value(db, "select count(*) from app.notifications where is_read") == 1


@pytest.mark.usefixtures("doctor")
def test_an_admin_marks_what_was_for_all_admins(
    db: Connection, owner: Person, admin: Person
) -> None:
    make_scheduled(db, owner)
    notification_id = inbox(db, admin)["NEW_CONSULTATION"]
    read = call(db, admin, "api.read_notification", notification_id=notification_id)
    assert read["is_read"]


def test_other_peoples_notifications_are_not_found(
    db: Connection, owner: Person, stranger: Person, doctor: Person, admin: Person
) -> None:
    make_scheduled(db, owner)
    own = inbox(db, owner)["PAYMENT_SUCCESS"]
    for_admins = inbox(db, admin)["NEW_CONSULTATION"]
    attempts = [
        (stranger, own),
        (doctor, own),
        (admin, own),
        (owner, for_admins),
        (doctor, for_admins),
        (owner, NOBODY_ID),
    ]
    for person, notification_id in attempts:
        with refused("NOT_FOUND"):
            call(db, person, "api.read_notification", notification_id=notification_id)
    assert value(db, "select count(*) from app.notifications where is_read") == 0
