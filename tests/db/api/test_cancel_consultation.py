"""api.cancel_consultation."""

from uuid import UUID

import pytest

from tests.db.helpers import (
    actions,
    assert_healthy,
    call,
    forbidden,
    live_seat,
    status,
)
from tests.support.database import Connection
from tests.support.factories import (
    hold_slot,
    make_consultation,
    make_scheduled,
    start_payment,
)
from tests.support.roles import Person, refused


@pytest.mark.parametrize(
    "state", ["DRAFT", "DETAILS_SUBMITTED", "SLOT_HELD", "PAYMENT_INITIATED"]
)
@pytest.mark.usefixtures("doctor")
def test_an_unpaid_consultation_is_canceled(
    db: Connection, owner: Person, state: str
) -> None:
    consultation_id = make_consultation(db, owner, with_details=state != "DRAFT")
    if state in ("SLOT_HELD", "PAYMENT_INITIATED"):
        hold_slot(db, owner, consultation_id)
    if state == "PAYMENT_INITIATED":
        start_payment(db, owner, consultation_id)
    assert status(db, "consultations", consultation_id) == state
    canceled = call(
        db, owner, "api.cancel_consultation", consultation_id=consultation_id
    )
    assert (canceled["status"], canceled["expires_at"]) == ("CANCELED", None)
    assert canceled["appointment"] is None
    assert actions(db, consultation_id)[-1] == "CONSULTATION_CANCELED"
    assert_healthy(db)


def test_canceling_frees_the_seat_and_closes_the_attempt(
    db: Connection, owner: Person, stranger: Person, held: UUID, payment: UUID
) -> None:
    seat = live_seat(db, held)
    call(db, owner, "api.cancel_consultation", consultation_id=held)
    assert status(db, "payments", payment) == "CANCELED"
    hold_slot(db, stranger, make_consultation(db, stranger), seat["start_at"])


@pytest.mark.usefixtures("doctor")
def test_a_paid_consultation_is_not_the_owners_to_cancel(
    db: Connection, owner: Person
) -> None:
    consultation_id = make_scheduled(db, owner)
    with refused("INVALID_STATE") as refusal:
        call(db, owner, "api.cancel_consultation", consultation_id=consultation_id)
    assert refusal.details["status"] == "SCHEDULED"


def test_a_consultation_is_canceled_once(
    db: Connection, owner: Person, described: UUID
) -> None:
    call(db, owner, "api.cancel_consultation", consultation_id=described)
    with refused("INVALID_STATE"):
        call(db, owner, "api.cancel_consultation", consultation_id=described)


def test_another_persons_consultation_is_not_found(
    db: Connection, stranger: Person, described: UUID
) -> None:
    with refused("NOT_FOUND"):
        call(db, stranger, "api.cancel_consultation", consultation_id=described)


def test_only_owners_cancel_here(
    db: Connection, admin: Person, described: UUID
) -> None:
    with forbidden():
        call(db, admin, "api.cancel_consultation", consultation_id=described)
