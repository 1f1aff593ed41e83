"""api.release_hold."""

from uuid import UUID

import pytest

from tests.db.helpers import (
    actions,
    assert_healthy,
    call,
    forbidden,
    lapse_hold,
    live_seat,
    some_slots,
    status,
)
from tests.support.database import Connection, value
from tests.support.factories import hold_slot, make_consultation, make_scheduled
from tests.support.roles import Person, refused


def test_a_released_seat_is_free_at_once(
    db: Connection, owner: Person, stranger: Person, held: UUID
) -> None:
    seat = live_seat(db, held)
    released = call(db, owner, "api.release_hold", consultation_id=held)
    assert (released["status"], released["appointment"]) == ("DETAILS_SUBMITTED", None)
    assert released["expires_at"] is not None
    assert status(db, "appointments", seat["id"]) == "CANCELED"
    assert actions(db, seat["id"]) == ["SLOT_HELD", "HOLD_RELEASED"]
    hold_slot(db, stranger, make_consultation(db, stranger), seat["start_at"])
    assert_healthy(db)


def test_releasing_while_paying_leaves_the_attempt_to_reconciliation(
    db: Connection, owner: Person, held: UUID, payment: UUID
) -> None:
    released = call(db, owner, "api.release_hold", consultation_id=held)
    assert released["status"] == "DETAILS_SUBMITTED"
    assert released["payment"]["status"] == "CANCELED"
    query = "select next_inquiry_at is not null from app.payments where id = %(id)s"
    assert value(db, query, id=payment)
    assert_healthy(db)


def test_releasing_a_hold_that_ran_out_is_no_error(
    db: Connection, owner: Person, held: UUID
) -> None:
    lapse_hold(db, held)
    released = call(db, owner, "api.release_hold", consultation_id=held)
    assert released["status"] == "DETAILS_SUBMITTED"
    assert_healthy(db)


def test_there_must_be_a_hold(db: Connection, owner: Person, described: UUID) -> None:
    with refused("INVALID_STATE") as refusal:
        call(db, owner, "api.release_hold", consultation_id=described)
    assert refusal.details["status"] == "DETAILS_SUBMITTED"


@pytest.mark.usefixtures("doctor")
def test_a_confirmed_seat_is_not_released(db: Connection, owner: Person) -> None:
    assert some_slots(db, 1)
    consultation_id = make_scheduled(db, owner)
    with refused("INVALID_STATE"):
        call(db, owner, "api.release_hold", consultation_id=consultation_id)
    assert live_seat(db, consultation_id)["status"] == "CONFIRMED"


def test_another_persons_hold_is_not_found(
    db: Connection, stranger: Person, held: UUID
) -> None:
    with refused("NOT_FOUND"):
        call(db, stranger, "api.release_hold", consultation_id=held)


def test_only_owners_release_holds(db: Connection, admin: Person, held: UUID) -> None:
    with forbidden():
        call(db, admin, "api.release_hold", consultation_id=held)
