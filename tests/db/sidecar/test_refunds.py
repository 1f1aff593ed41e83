"""sidecar.request_refund, begin_refund, finish_refund and due_refunds."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.db.helpers import (
    NOBODY_ID,
    actions,
    ask,
    assert_healthy,
    call,
    news,
    status,
    violates,
)
from tests.support.database import Connection, changed, one, rows, value
from tests.support.factories import settle
from tests.support.roles import Person, refused


@pytest.fixture
def paid(db: Connection, payment: UUID) -> UUID:
    """A verified payment, whose consultation is scheduled."""
    assert settle(db, payment) == "VERIFIED"
    return payment


def request(
    db: Connection, person: Person, payment_id: UUID, amount: int | None = None
) -> None:
    """Ask for a refund as somebody."""
    ask(
        db,
        "sidecar.request_refund",
        person,
        payment_id=payment_id,
        amount_toman=amount,
    )


def test_a_reference_says_something(db: Connection, admin: Person, paid: UUID) -> None:
    for nothing in (" ", "\u200b", "\u200e\u3164"):
        with refused("VALIDATION_FAILED") as refusal:
            ask(
                db,
                "sidecar.request_refund",
                admin,
                payment_id=paid,
                reference=nothing,
            )
        assert list(refusal.details["fields"]) == ["reference"]
    assert rows(db, "select * from app.refunds") == []


def begin(
    db: Connection, payment_id: UUID, seconds: int = 30, *, is_by_hand: bool = False
) -> dict[str, Any]:
    """Take the lease."""
    lease: dict[str, Any] = ask(
        db,
        "sidecar.begin_refund",
        payment_id=payment_id,
        lease=timedelta(seconds=seconds),
        is_by_hand=is_by_hand,
    )
    return lease


def finish(
    db: Connection,
    payment_id: UUID,
    token: UUID | None,
    new_status: str,
    *,
    reference: str | None = None,
    code: int | None = None,
) -> None:
    """Record what came of it."""
    ask(
        db,
        "sidecar.finish_refund",
        payment_id=payment_id,
        lease_token=token,
        status=new_status,
        reference=reference,
        gateway_code=code,
    )


def due(db: Connection) -> list[UUID]:
    """Return the payments that reconciliation would give back."""
    found = rows(db, "select * from sidecar.due_refunds(10)")
    return [row["due_refunds"] for row in found]


def refund_id(db: Connection) -> UUID:
    """Return the only refund."""
    found: UUID = value(db, "select id from app.refunds")
    return found


def test_a_refund_ends_what_the_money_paid_for(
    db: Connection, admin: Person, held: UUID, paid: UUID
) -> None:
    request(db, admin, paid)
    assert status(db, "consultations", held) == "CANCELED"
    seat = one(db, "select status, cancel_reason from app.appointments")
    assert seat == {"status": "CANCELED", "cancel_reason": "CONSULTATION_CLOSED"}
    refund = one(db, "select status, reason, amount_toman from app.refunds")
    assert refund == {
        "status": "DUE",
        "reason": "ADMIN_CANCELED",
        "amount_toman": 280_000,
    }
    assert actions(db, refund_id(db)) == ["REFUND_DUE"]
    assert_healthy(db)


def test_the_owner_hears_that_there_will_be_no_call(
    db: Connection, admin: Person, held: UUID, paid: UUID
) -> None:
    request(db, admin, paid)
    assert ("APPOINTMENT_CANCELED", "USER") in news(db, held)
    query = "select event from app.sms_messages order by number"
    events = [row["event"] for row in rows(db, query)]
    assert events == ["APPOINTMENT_CONFIRMED", "APPOINTMENT_CANCELED"]


@pytest.mark.usefixtures("held")
def test_asking_again_makes_no_second_one(
    db: Connection, admin: Person, paid: UUID
) -> None:
    request(db, admin, paid)
    request(db, admin, paid)
    assert value(db, "select count(*) from app.refunds") == 1
    request(db, admin, paid, 100_000)
    assert value(db, "select amount_toman from app.refunds") == 100_000


@pytest.mark.parametrize("amount", [0, -5, 280_001])
def test_more_than_was_paid_is_refused_twice(
    db: Connection, admin: Person, paid: UUID, amount: int
) -> None:
    with refused("VALIDATION_FAILED") as refusal:
        request(db, admin, paid, amount)
    assert list(refusal.details["fields"]) == ["amount_toman"]
    with violates("refunds_amount_check"), db.transaction():
        changed(
            db,
            "insert into app.refunds (payment_id, payment_amount_toman, amount_toman,"
            " reason) values (%(id)s, 280000, %(amount)s, 'SURPLUS')",
            id=paid,
            amount=amount,
        )


def test_only_what_was_verified_and_only_by_admins(
    db: Connection, owner: Person, doctor: Person, admin: Person, payment: UUID
) -> None:
    for person in (owner, doctor):
        with refused("FORBIDDEN"):
            request(db, person, payment)
        with refused("FORBIDDEN"):
            ask(db, "sidecar.request_settlement", person, payment_id=payment)
    with refused("INVALID_STATE"):
        request(db, admin, payment)
    with refused("NOT_FOUND"):
        request(db, admin, NOBODY_ID)


def test_only_one_gives_it_back_at_a_time(
    db: Connection, admin: Person, paid: UUID
) -> None:
    assert begin(db, paid)["action"] == "none"
    request(db, admin, paid)
    first = begin(db, paid)
    assert (first["action"], first["is_reversible"]) == ("ask", True)
    assert begin(db, paid)["action"] == "busy"
    finish(db, paid, first["lease_token"], "REVERSED")
    assert begin(db, paid)["action"] == "done"
    assert actions(db, refund_id(db)) == ["REFUND_DUE", "REFUND_REVERSED"]


def test_who_lost_the_lease_records_no_transfer_but_a_reversal_is_the_truth(
    db: Connection, admin: Person, paid: UUID
) -> None:
    request(db, admin, paid)
    lost = begin(db, paid, seconds=0, is_by_hand=True)["lease_token"]
    begin(db, paid)
    finish(db, paid, lost, "TRANSFERRED", reference="PAYA-1")
    assert status(db, "refunds", refund_id(db)) == "DUE"
    finish(db, paid, None, "REVERSED")
    assert status(db, "refunds", refund_id(db)) == "REVERSED"


def test_what_the_gateway_reversed_is_all_of_it_whatever_was_asked_for_meanwhile(
    db: Connection, admin: Person, paid: UUID
) -> None:
    request(db, admin, paid)
    lease = begin(db, paid)
    request(db, admin, paid, 100_000)
    finish(db, paid, lease["lease_token"], "REVERSED")
    refund = one(db, "select status, amount_toman from app.refunds")
    assert refund == {"status": "REVERSED", "amount_toman": 280_000}


def test_a_reversal_without_an_answer_leaves_a_doubt_until_there_is_one(
    db: Connection, admin: Person, paid: UUID
) -> None:
    request(db, admin, paid)
    assert not begin(db, paid, seconds=0)["is_doubtful"]
    doubtful = begin(db, paid, seconds=30)
    assert doubtful["is_doubtful"]
    finish(db, paid, doubtful["lease_token"], "DUE", code=-63)
    assert not begin(db, paid)["is_doubtful"]


def test_asking_again_after_a_refusal_leaves_a_doubt_as_well(
    db: Connection, admin: Person, paid: UUID
) -> None:
    request(db, admin, paid)
    finish(db, paid, begin(db, paid)["lease_token"], "DUE", code=-62)
    begin(db, paid, seconds=0)
    assert due(db) == [paid]
    assert begin(db, paid, is_by_hand=True)["is_doubtful"]


def test_a_doubt_is_asked_about_after_the_window_as_well(
    db: Connection, admin: Person, paid: UUID
) -> None:
    request(db, admin, paid)
    begin(db, paid, seconds=0)
    changed(db, "update app.payments set paid_at = paid_at - interval '31 minutes'")
    assert due(db) == [paid]
    lease = begin(db, paid)
    assert (lease["is_reversible"], lease["is_doubtful"]) == (False, True)


def test_a_transfer_by_hand_casts_no_doubt(
    db: Connection, admin: Person, held: UUID, paid: UUID
) -> None:
    request(db, admin, paid)
    begin(db, paid, seconds=0, is_by_hand=True)
    lease = begin(db, paid, is_by_hand=True)
    assert not lease["is_doubtful"]
    finish(db, paid, lease["lease_token"], "TRANSFERRED", reference="PAYA-1")
    assert ("REFUNDED", "USER") in news(db, held)
    assert actions(db, refund_id(db))[-1] == "REFUND_TRANSFERRED"


def test_a_transfer_needs_its_reference(
    db: Connection, admin: Person, paid: UUID
) -> None:
    request(db, admin, paid)
    token = begin(db, paid)["lease_token"]
    with violates("refunds_reference_check"), db.transaction():
        finish(db, paid, token, "TRANSFERRED")


def test_a_finished_refund_never_changes(
    db: Connection, admin: Person, paid: UUID
) -> None:
    request(db, admin, paid)
    finish(db, paid, None, "REVERSED")
    for new_status in ("DUE", "TRANSFERRED"):
        with refused("INVALID_STATE"), db.transaction():
            changed(
                db,
                "update app.refunds set status = %(status)s, reference = 'x'",
                status=new_status,
            )


def test_the_bank_is_asked_inside_its_window_for_whole_payments_and_once_refused_never(
    db: Connection, admin: Person, paid: UUID
) -> None:
    request(db, admin, paid)
    assert due(db) == [paid]
    lease = begin(db, paid)
    assert due(db) == []
    finish(db, paid, lease["lease_token"], "DUE", code=-62)
    assert due(db) == []
    changed(db, "update app.refunds set gateway_code = null, asked_at = null")
    assert due(db) == [paid]
    request(db, admin, paid, 1_000)
    assert due(db) == []
    assert not begin(db, paid)["is_reversible"]
    changed(db, "update app.refunds set amount_toman = 280000, settle_until = null")
    changed(db, "update app.payments set paid_at = paid_at - interval '31 minutes'")
    assert due(db) == []
    assert not begin(db, paid)["is_reversible"]


def test_a_completed_call_stays_completed(
    db: Connection, admin: Person, held: UUID, paid: UUID
) -> None:
    changed(db, "update app.appointments set status = 'COMPLETED'")
    changed(db, "update app.consultations set status = 'COMPLETED'")
    request(db, admin, paid)
    assert status(db, "consultations", held) == "COMPLETED"
    assert value(db, "select reason from app.refunds") == "GOODWILL"


def test_surplus_money_goes_back_without_touching_what_is_scheduled(
    db: Connection, owner: Person, admin: Person, held: UUID, paid: UUID
) -> None:
    changed(
        db,
        "insert into app.refunds (payment_id, payment_amount_toman, amount_toman,"
        " reason) values (%(id)s, 280000, 280000, 'SURPLUS')",
        id=paid,
    )
    request(db, admin, paid)
    assert status(db, "consultations", held) == "SCHEDULED"
    with refused("INVALID_STATE"):
        call(db, owner, "api.cancel_consultation", consultation_id=held)
