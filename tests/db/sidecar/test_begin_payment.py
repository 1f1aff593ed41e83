"""sidecar.begin_payment, record_authority, fail_payment_request and find_payment."""

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
    configure,
    forbidden,
    lapse_hold,
    live_seat,
    status,
)
from tests.support.database import Connection, changed, rows, value
from tests.support.factories import hold_slot, settle, start_payment
from tests.support.roles import Person, as_person, refused


def begin(db: Connection, owner: Person, consultation_id: UUID) -> dict[str, Any]:
    """Begin to pay, as the sidecar does for a signed-in owner."""
    attempt: dict[str, Any] = ask(
        db,
        "sidecar.begin_payment",
        owner,
        consultation_id=consultation_id,
        provider="MOCK",
    )
    return attempt


def record(db: Connection, payment_id: UUID, authority: str) -> str:
    """Store the authority that the gateway gave; return the status after it."""
    answer = ask(
        db,
        "sidecar.record_authority",
        payment_id=payment_id,
        authority=authority,
        raw_request="{}",
        raw_response='{"code": 100}',
    )
    found: str = answer["record_authority"]
    return found


def give_up(db: Connection, payment_id: UUID) -> None:
    """Record that the gateway gave no authority."""
    ask(
        db,
        "sidecar.fail_payment_request",
        payment_id=payment_id,
        raw_request="{}",
        raw_response='{"code": -9}',
    )


def age(db: Connection, payment_id: UUID, seconds: int) -> None:
    """Make the attempt older."""
    statement = """
        update app.payments
        set created_at = created_at - make_interval(secs => %(secs)s)
        where id = %(id)s
    """
    assert changed(db, statement, id=payment_id, secs=seconds) == 1


def test_an_attempt_has_the_consultations_price_and_the_held_seat(
    db: Connection, owner: Person, held: UUID
) -> None:
    configure(db, price_toman=999000)
    attempt = begin(db, owner, held)
    assert (attempt["amount_toman"], attempt["amount_rials"]) == (280000, 2800000)
    assert (attempt["status"], attempt["is_new"]) == ("INITIATED", True)
    assert (attempt["authority"], attempt["mobile"]) == (None, owner.mobile)
    assert len(attempt["nonce"]) == 64
    query = "select appointment_id from app.payments where id = %(id)s"
    assert value(db, query, id=attempt["payment_id"]) == live_seat(db, held)["id"]
    assert actions(db, attempt["payment_id"]) == ["PAYMENT_INITIATED"]
    assert_healthy(db)


def test_an_authority_sends_the_owner_to_the_bank(
    db: Connection, owner: Person, held: UUID
) -> None:
    attempt = begin(db, owner, held)
    assert status(db, "consultations", held) == "SLOT_HELD"
    assert record(db, attempt["payment_id"], "S1") == "PENDING"
    assert status(db, "consultations", held) == "PAYMENT_INITIATED"
    assert actions(db, attempt["payment_id"])[-1] == "PAYMENT_PENDING"
    assert_healthy(db)


def test_asking_again_gives_the_same_attempt(
    db: Connection, owner: Person, held: UUID
) -> None:
    first = begin(db, owner, held)
    waiting = begin(db, owner, held)
    record(db, first["payment_id"], "S1")
    pending = begin(db, owner, held)
    assert waiting == first | {"is_new": False}
    assert pending == first | {
        "is_new": False,
        "status": "PENDING",
        "authority": "S1",
    }
    assert value(db, "select count(*) from app.payments") == 1


def test_an_attempt_without_an_authority_is_replaced_after_a_minute(
    db: Connection, owner: Person, held: UUID
) -> None:
    left_by_a_crash = begin(db, owner, held)
    age(db, left_by_a_crash["payment_id"], 59)
    assert begin(db, owner, held)["payment_id"] == left_by_a_crash["payment_id"]
    age(db, left_by_a_crash["payment_id"], 2)
    replacement = begin(db, owner, held)
    assert replacement["is_new"]
    assert replacement["payment_id"] != left_by_a_crash["payment_id"]
    assert status(db, "payments", left_by_a_crash["payment_id"]) == "FAILED"
    assert_healthy(db)


def test_an_attempt_at_the_bank_is_never_replaced_for_its_age(
    db: Connection, owner: Person, held: UUID, payment: UUID
) -> None:
    age(db, payment, 3600)
    assert begin(db, owner, held)["payment_id"] == payment


def test_an_authority_that_comes_after_the_replacement_is_kept_and_watched(
    db: Connection, owner: Person, held: UUID
) -> None:
    slow = begin(db, owner, held)
    age(db, slow["payment_id"], 61)
    begin(db, owner, held)
    assert record(db, slow["payment_id"], "S-slow") == "FAILED"
    query = "select next_inquiry_at is not null from app.payments where id = %(id)s"
    assert value(db, query, id=slow["payment_id"])
    assert status(db, "consultations", held) == "SLOT_HELD"


def test_an_authority_for_an_attempt_that_was_given_up_changes_no_state(
    db: Connection, owner: Person, held: UUID
) -> None:
    attempt = begin(db, owner, held)
    call(db, owner, "api.release_hold", consultation_id=held)
    assert record(db, attempt["payment_id"], "S1") == "CANCELED"
    assert status(db, "consultations", held) == "DETAILS_SUBMITTED"
    assert_healthy(db)


def test_the_hold_is_extended_to_the_payment_window_once(
    db: Connection, owner: Person, held: UUID
) -> None:
    configure(db, payment_window_minutes=30)
    before = live_seat(db, held)["hold_expires_at"]
    attempt = begin(db, owner, held)
    extended = live_seat(db, held)["hold_expires_at"]
    gained = extended - before
    assert timedelta(minutes=14) < gained < timedelta(minutes=16)
    query = "select expires_at from app.payments where id = %(id)s"
    assert value(db, query, id=attempt["payment_id"]) == extended
    give_up(db, attempt["payment_id"])
    assert begin(db, owner, held)["is_new"]
    assert live_seat(db, held)["hold_expires_at"] == extended


def test_a_longer_hold_is_not_shortened_by_paying(
    db: Connection, owner: Person, held: UUID
) -> None:
    configure(db, payment_window_minutes=1)
    before = live_seat(db, held)["hold_expires_at"]
    begin(db, owner, held)
    assert live_seat(db, held)["hold_expires_at"] == before


def test_when_the_gateway_gives_nothing_the_hold_stays_for_another_try(
    db: Connection, owner: Person, held: UUID
) -> None:
    attempt = begin(db, owner, held)
    give_up(db, attempt["payment_id"])
    assert status(db, "payments", attempt["payment_id"]) == "FAILED"
    assert status(db, "consultations", held) == "SLOT_HELD"
    assert live_seat(db, held)["status"] == "HELD"
    assert_healthy(db)
    settle(db, start_payment(db, owner, held))
    assert status(db, "consultations", held) == "SCHEDULED"


def test_a_late_refusal_does_not_close_an_attempt_that_is_at_the_bank(
    db: Connection, payment: UUID
) -> None:
    give_up(db, payment)
    assert status(db, "payments", payment) == "PENDING"


def test_there_is_no_payment_without_a_live_hold(
    db: Connection, owner: Person, held: UUID
) -> None:
    lapse_hold(db, held)
    with refused("INVALID_STATE") as refusal:
        begin(db, owner, held)
    assert refusal.status == 409
    assert rows(db, "select * from app.payments") == []


@pytest.mark.parametrize("is_swept", [False, True])
def test_nobody_is_sent_back_to_the_bank_for_a_seat_that_ran_out(
    db: Connection, owner: Person, held: UUID, payment: UUID, is_swept: bool
) -> None:
    lapse_hold(db, held)
    if is_swept:
        db.execute("select app.release_expired_holds()")
    with refused("INVALID_STATE"):
        begin(db, owner, held)
    assert status(db, "payments", payment) == "PENDING"


def test_there_is_no_payment_before_a_slot_is_held(
    db: Connection, owner: Person, described: UUID
) -> None:
    with refused("INVALID_STATE") as refusal:
        begin(db, owner, described)
    assert refusal.details["status"] == "DETAILS_SUBMITTED"


def test_a_paid_consultation_is_not_paid_again(
    db: Connection, owner: Person, held: UUID, payment: UUID
) -> None:
    settle(db, payment)
    with refused("INVALID_STATE"):
        begin(db, owner, held)


def test_another_persons_consultation_is_not_found(
    db: Connection, stranger: Person, held: UUID
) -> None:
    for wrong_id in (held, NOBODY_ID):
        with refused("NOT_FOUND"):
            begin(db, stranger, wrong_id)


def test_nobody_signed_in_pays_for_nothing(db: Connection, held: UUID) -> None:
    with refused("NOT_FOUND"):
        ask(db, "sidecar.begin_payment", consultation_id=held, provider="MOCK")


def test_an_attempt_left_by_a_crash_does_not_strand_its_owner(
    db: Connection, owner: Person, held: UUID
) -> None:
    """Killed before the authority came; then the hold runs out and is swept."""
    attempt = begin(db, owner, held)
    age(db, attempt["payment_id"], 1800)
    lapse_hold(db, held)
    db.execute("select app.release_expired_holds()")
    assert_healthy(db)
    assert hold_slot(db, owner, held)["status"] == "HELD"


def test_a_refusal_after_the_hold_was_swept_leaves_nothing_askew(
    db: Connection, owner: Person, held: UUID
) -> None:
    attempt = begin(db, owner, held)
    lapse_hold(db, held)
    db.execute("select app.release_expired_holds()")
    give_up(db, attempt["payment_id"])
    assert_healthy(db)


def test_an_authority_after_the_hold_was_swept_can_still_be_paid(
    db: Connection, owner: Person, held: UUID
) -> None:
    attempt = begin(db, owner, held)
    lapse_hold(db, held)
    db.execute("select app.release_expired_holds()")
    record(db, attempt["payment_id"], "S1")
    assert_healthy(db)
    assert settle(db, attempt["payment_id"]) == "VERIFIED"
    assert status(db, "consultations", held) == "SCHEDULED"
    assert_healthy(db)


def test_only_the_nonce_makes_a_callback_genuine(db: Connection, payment: UUID) -> None:
    query = "select authority, nonce from app.payments where id = %(id)s"
    (known,) = rows(db, query, id=payment)
    for nonce, is_genuine in (
        (known["nonce"], True),
        ("0" * 64, False),
        ("", False),
        (None, False),
    ):
        found = ask(
            db, "sidecar.find_payment", authority=known["authority"], nonce=nonce
        )
        assert found == {"payment_id": payment, "is_genuine": is_genuine}


@pytest.mark.usefixtures("payment")
def test_an_unknown_authority_finds_nothing(db: Connection) -> None:
    assert rows(db, "select * from sidecar.find_payment('S-unknown', 'x')") == []


@pytest.mark.parametrize("function", ["begin_settlement", "record_authority"])
def test_an_unknown_payment_is_not_found(db: Connection, function: str) -> None:
    arguments: dict[str, Any] = {"payment_id": NOBODY_ID}
    if function == "begin_settlement":
        arguments["lease"] = timedelta(seconds=30)
    else:
        arguments |= {"authority": "S1", "raw_request": "{}", "raw_response": "{}"}
    with refused("NOT_FOUND"):
        ask(db, f"sidecar.{function}", **arguments)


def test_owners_cannot_reach_the_sidecars_functions(
    db: Connection, owner: Person, held: UUID
) -> None:
    with forbidden(), as_person(db, owner):
        db.execute("select sidecar.begin_payment(%s, 'MOCK')", [held])
