"""api.search_payments."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.db.api.searching import found, search, walked
from tests.db.helpers import TEHRAN, call, forbidden
from tests.support.database import Connection, changed
from tests.support.factories import hold_slot, settle, start_payment
from tests.support.roles import Person, refused

TODAY = datetime.now(TEHRAN).date()


@pytest.fixture
def attempts(
    db: Connection, owner: Person, described: UUID, payment: UUID
) -> list[UUID]:
    """Attempts to pay for one consultation, the newest first: one failed, one paid."""
    assert settle(db, payment, "NOT_PAID") == "FAILED"
    hold_slot(db, owner, described)
    second = start_payment(db, owner, described)
    assert settle(db, second) == "VERIFIED"
    return [second, payment]


def test_a_row_carries_its_owner_and_refund(
    db: Connection, admin: Person, owner: Person, attempts: list[UUID]
) -> None:
    with_refund, without = search(db, admin, "payments")
    assert [with_refund["id"], without["id"]] == attempts
    assert with_refund["owner"]["mobile"] == owner.mobile
    statement = """
        insert into app.refunds (payment_id, payment_amount_toman, amount_toman, reason)
        select id, amount_toman, 1000, 'GOODWILL' from app.payments
        where status = 'VERIFIED'
    """
    assert changed(db, statement) == 1
    with_refund, without = search(db, admin, "payments")
    assert (with_refund["refund"]["status"], without["refund"]) == ("DUE", None)
    assert with_refund["refund"]["amount_toman"] == 1000


def test_filters_are_combined(
    db: Connection, admin: Person, owner: Person, attempts: list[UUID]
) -> None:
    every: dict[str, Any] = {
        "status": "FAILED",
        "from": TODAY,
        "to": TODAY,
        "mobile": owner.mobile,
        "name": owner.name,
    }
    assert found(db, admin, "payments", **every) == [attempts[1]]
    tomorrow = TODAY + timedelta(days=1)
    others: list[dict[str, Any]] = [
        {"status": "EXPIRED"},
        {"from": tomorrow, "to": tomorrow},
        {"mobile": "0999"},
        {"name": "رضا"},
    ]
    for other in others:
        assert found(db, admin, "payments", **(every | other)) == [], other


def test_pages_show_every_row_once(
    db: Connection, admin: Person, attempts: list[UUID]
) -> None:
    assert walked(db, admin, "payments", 1) == attempts


def test_a_filter_that_makes_no_sense_is_named(db: Connection, admin: Person) -> None:
    with refused("VALIDATION_FAILED") as refusal:
        search(db, admin, "payments", mobile="x", name="")
    assert set(refusal.details["fields"]) == {"mobile", "name"}


def test_only_admins_search(db: Connection, owner: Person, doctor: Person) -> None:
    for person in (owner, doctor):
        with forbidden():
            call(db, person, "api.search_payments")
