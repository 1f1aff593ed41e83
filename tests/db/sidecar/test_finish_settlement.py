"""sidecar.begin_settlement and finish_settlement: what the gateway's answer does."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.db.helpers import (
    actions,
    ask,
    assert_healthy,
    call,
    close_clinic,
    lapse_hold,
    lapse_payment,
    live_seat,
    news,
    settle_as,
    some_slots,
    status,
)
from tests.support.database import Connection, changed, one, rows, value
from tests.support.factories import (
    free_slots,
    hold_slot,
    make_consultation,
    settle,
    start_payment,
)
from tests.support.roles import Person, as_person, as_role


def take_lease(
    db: Connection, payment_id: UUID, seconds: int = 30, *, is_genuine: bool = False
) -> dict[str, Any]:
    """Begin to settle, as whoever is first to ask the gateway."""
    lease: dict[str, Any] = ask(
        db,
        "sidecar.begin_settlement",
        payment_id=payment_id,
        lease=timedelta(seconds=seconds),
        is_genuine=is_genuine,
    )
    return lease


def finish(
    db: Connection, payment_id: UUID, lease_token: UUID | None, outcome: str
) -> str:
    """Record an answer of the gateway with a given lease; return the status."""
    answer = ask(
        db,
        "sidecar.finish_settlement",
        payment_id=payment_id,
        lease_token=lease_token,
        outcome=outcome,
        is_genuine=True,
        ref_id="1",
        card_pan=None,
        raw_response="{}",
    )
    found: str = answer["finish_settlement"]
    return found


def refund_reasons(db: Connection, payment_id: UUID) -> list[str]:
    """Return why refunds of the payment are due."""
    query = "select reason from app.refunds where payment_id = %(id)s"
    return [row["reason"] for row in rows(db, query, id=payment_id)]


def lose_seat(db: Connection, consultation_id: UUID, winner: Person | None) -> None:
    """Let the hold run out; with a winner, somebody else has the seat now."""
    start_at = live_seat(db, consultation_id)["start_at"]
    lapse_hold(db, consultation_id)
    db.execute("select app.release_expired_holds()")
    if winner:
        hold_slot(db, winner, make_consultation(db, winner), start_at)


# Paid


@pytest.mark.usefixtures("owner")
def test_a_paid_attempt_schedules_the_consultation(
    db: Connection, held: UUID, payment: UUID
) -> None:
    seat = live_seat(db, held)
    assert settle_as(db, payment, "PAID", is_genuine=True) == "VERIFIED"
    assert status(db, "consultations", held) == "SCHEDULED"
    confirmed = live_seat(db, held)
    assert (confirmed["id"], confirmed["status"]) == (seat["id"], "CONFIRMED")
    assert confirmed["hold_expires_at"] is None
    paid = one(db, "select * from app.payments where id = %(id)s", id=payment)
    assert (paid["ref_id"], paid["card_pan"]) == ("10000000042", "502229******5995")
    assert paid["paid_at"] is not None
    assert (paid["next_inquiry_at"], paid["settle_until"]) == (None, None)
    assert_healthy(db)


@pytest.mark.usefixtures("owner")
def test_every_step_of_a_payment_is_audited(
    db: Connection, held: UUID, payment: UUID
) -> None:
    seat_id = live_seat(db, held)["id"]
    settle(db, payment)
    assert actions(db, held) == [
        "CONSULTATION_CREATED",
        "CONSULTATION_DETAILS_SUBMITTED",
        "CONSULTATION_SLOT_HELD",
        "CONSULTATION_PAYMENT_INITIATED",
        "CONSULTATION_PAID",
        "CONSULTATION_SCHEDULED",
    ]
    assert actions(db, payment) == [
        "PAYMENT_INITIATED",
        "PAYMENT_PENDING",
        "PAYMENT_VERIFIED",
    ]
    assert set(actions(db, seat_id)) == {
        "SLOT_HELD",
        "APPOINTMENT_CONFIRMED",
        "DOCTOR_ASSIGNED",
    }


def test_all_concerned_are_told_and_one_sms_is_queued(
    db: Connection, owner: Person, held: UUID, payment: UUID
) -> None:
    settle(db, payment)
    assert news(db, held) == {
        ("NEW_CONSULTATION", "ADMIN"),
        ("SLOT_SELECTED", "ADMIN"),
        ("PAYMENT_SUCCESS", "USER"),
        ("APPOINTMENT_CONFIRMED", "USER"),
        ("APPOINTMENT_CONFIRMED", "DOCTOR"),
    }
    sms = one(db, "select * from app.sms_messages")
    assert (sms["event"], sms["recipient"]) == ("APPOINTMENT_CONFIRMED", owner.mobile)
    assert str(held) in sms["body"]


def test_times_in_the_news_carry_the_clinics_offset(
    db: Connection, payment: UUID
) -> None:
    changed(db, "set local timezone to 'UTC'")
    settle(db, payment)
    query = """
        select payload ->> 'start_at' as start_at from app.notifications
        where type = 'APPOINTMENT_CONFIRMED'
    """
    starts = [row["start_at"] for row in rows(db, query)]
    assert [start[-6:] for start in starts] == ["+03:30"] * 2


def test_the_owner_sees_appointment_doctor_and_payment(
    db: Connection, owner: Person, held: UUID, payment: UUID
) -> None:
    settle_as(db, payment, "PAID")
    with as_person(db, owner):
        shown = one(db, "select * from api.consultations")
    assert shown["appointment"]["status"] == "CONFIRMED"
    assert shown["appointment"]["doctor"]["display_name"] == "دکتر مینا رضایی"
    assert shown["payment"] == {
        "id": str(payment),
        "status": "VERIFIED",
        "amount_toman": 280000,
        "ref_id": "10000000042",
    }
    assert shown["id"] == held


@pytest.mark.usefixtures("held", "owner")
def test_settling_again_changes_nothing(db: Connection, payment: UUID) -> None:
    settle(db, payment)
    before = rows(db, "select * from app.audit_log order by id")
    assert take_lease(db, payment)["action"] == "settled"
    for outcome in ("PAID", "NOT_PAID", "UNKNOWN"):
        assert finish(db, payment, None, outcome) == "VERIFIED"
    assert rows(db, "select * from app.audit_log order by id") == before
    assert value(db, "select count(*) from app.sms_messages") == 1
    assert_healthy(db)


def test_paid_is_the_truth_whoever_brings_it(
    db: Connection, payment: UUID, held: UUID
) -> None:
    assert finish(db, payment, None, "PAID") == "VERIFIED"
    assert status(db, "consultations", held) == "SCHEDULED"


def test_a_seat_that_ran_out_but_was_not_taken_is_confirmed(
    db: Connection, held: UUID, payment: UUID
) -> None:
    seat_id = live_seat(db, held)["id"]
    lapse_hold(db, held)
    assert settle_as(db, payment, "PAID") == "VERIFIED"
    assert live_seat(db, held)["id"] == seat_id
    assert status(db, "consultations", held) == "SCHEDULED"


def test_without_any_doctor_a_paid_seat_is_confirmed_and_admins_are_told(
    db: Connection, held: UUID, payment: UUID
) -> None:
    changed(db, "update app.doctors set is_active = false")
    assert settle(db, payment) == "VERIFIED"
    assert live_seat(db, held)["doctor_id"] is None
    assert status(db, "consultations", held) == "SCHEDULED"
    assert ("DOCTOR_UNASSIGNED", "ADMIN") in news(db, held)
    assert_healthy(db)


# Not paid


def test_not_paid_after_a_genuine_callback_frees_the_seat(
    db: Connection, owner: Person, held: UUID, payment: UUID
) -> None:
    start_at = live_seat(db, held)["start_at"]
    assert settle_as(db, payment, "NOT_PAID", is_genuine=True) == "FAILED"
    assert status(db, "consultations", held) == "DETAILS_SUBMITTED"
    assert start_at in free_slots(db, owner)
    assert actions(db, payment)[-1] == "PAYMENT_FAILED"
    assert rows(db, "select * from app.sms_messages") == []
    assert_healthy(db)
    assert hold_slot(db, owner, held, start_at)["status"] == "HELD"


def test_not_paid_closes_nothing_while_the_owner_may_still_be_typing(
    db: Connection, held: UUID, payment: UUID
) -> None:
    assert settle_as(db, payment, "NOT_PAID") == "PENDING"
    assert live_seat(db, held)["status"] == "HELD"
    assert status(db, "consultations", held) == "PAYMENT_INITIATED"
    query = "select next_inquiry_at > clock_timestamp() from app.payments"
    assert value(db, query)


def test_an_attempt_that_nobody_paid_expires_after_its_deadline(
    db: Connection, held: UUID, payment: UUID
) -> None:
    lapse_payment(db, payment)
    assert settle_as(db, payment, "NOT_PAID") == "EXPIRED"
    assert status(db, "consultations", held) == "DETAILS_SUBMITTED"
    assert actions(db, payment)[-1] == "PAYMENT_EXPIRED"
    assert_healthy(db)


def test_a_closed_attempt_is_asked_about_for_another_day(
    db: Connection, payment: UUID
) -> None:
    settle_as(db, payment, "NOT_PAID", is_genuine=True)
    query = "select next_inquiry_at is not null from app.payments"
    assert value(db, query)
    changed(db, "update app.payments set created_at = created_at - interval '25 hours'")
    settle_as(db, payment, "NOT_PAID")
    assert not value(db, query)


def test_not_paid_for_an_attempt_given_up_leaves_the_new_hold_alone(
    db: Connection, owner: Person, held: UUID, payment: UUID
) -> None:
    call(db, owner, "api.release_hold", consultation_id=held)
    hold_slot(db, owner, held)
    assert settle_as(db, payment, "NOT_PAID", is_genuine=True) == "CANCELED"
    assert live_seat(db, held)["status"] == "HELD"
    assert status(db, "consultations", held) == "SLOT_HELD"


# Unknown


@pytest.mark.parametrize("is_late", [False, True])
def test_unknown_is_never_reported_as_failed(
    db: Connection, held: UUID, payment: UUID, is_late: bool
) -> None:
    if is_late:
        lapse_payment(db, payment)
    assert settle_as(db, payment, "UNKNOWN", is_genuine=True) == "PENDING"
    assert status(db, "consultations", held) == "PAYMENT_INITIATED"


def test_an_unknown_outcome_is_asked_about_ever_more_slowly(
    db: Connection, payment: UUID
) -> None:
    query = """
        select extract(epoch from next_inquiry_at - clock_timestamp())::int / 60.0
        from app.payments
    """
    pauses = []
    for _ in range(6):
        settle_as(db, payment, "UNKNOWN")
        pauses.append(round(value(db, query)))
    assert pauses == [2, 4, 8, 10, 10, 10]


# Late truth


@pytest.mark.parametrize("closed_as", ["FAILED", "EXPIRED", "CANCELED"])
def test_late_truth_wins_and_takes_the_lost_seat_again(
    db: Connection, owner: Person, held: UUID, payment: UUID, closed_as: str
) -> None:
    start_at = live_seat(db, held)["start_at"]
    if closed_as == "CANCELED":
        call(db, owner, "api.release_hold", consultation_id=held)
    else:
        lapse_payment(db, payment)
        settle_as(db, payment, "NOT_PAID", is_genuine=closed_as == "FAILED")
    assert status(db, "payments", payment) == closed_as
    assert settle_as(db, payment, "PAID") == "VERIFIED"
    seat = live_seat(db, held)
    assert (seat["start_at"], seat["status"]) == (start_at, "CONFIRMED")
    assert status(db, "consultations", held) == "SCHEDULED"
    assert_healthy(db)


def test_paid_but_the_seat_is_gone_waits_for_another_slot(
    db: Connection, owner: Person, stranger: Person, held: UUID, payment: UUID
) -> None:
    lose_seat(db, held, winner=stranger)
    assert settle_as(db, payment, "PAID") == "VERIFIED"
    assert status(db, "consultations", held) == "PAID"
    assert {("SLOT_LOST", "ADMIN"), ("SLOT_LOST", "USER")} < news(db, held)
    assert ("APPOINTMENT_CONFIRMED", "USER") not in news(db, held)
    sms = one(db, "select * from app.sms_messages")
    assert (sms["event"], sms["recipient"]) == ("SLOT_LOST", owner.mobile)
    assert refund_reasons(db, payment) == []
    assert_healthy(db)


def test_a_seat_in_the_past_is_not_taken_again(
    db: Connection, held: UUID, payment: UUID
) -> None:
    lose_seat(db, held, winner=None)
    statement = """
        update app.slots set start_at = start_at - interval '365 days',
            end_at = end_at - interval '365 days'
    """
    changed(db, statement)
    settle_as(db, payment, "PAID")
    assert status(db, "consultations", held) == "PAID"
    assert ("SLOT_LOST", "USER") in news(db, held)
    assert_healthy(db)


def test_a_seat_whose_time_is_over_is_lost(
    db: Connection, owner: Person, held: UUID, payment: UUID
) -> None:
    statement = """
        update app.slots set start_at = clock_timestamp() - interval '30 minutes',
            end_at = clock_timestamp()
    """
    changed(db, statement)
    settle_as(db, payment, "PAID")
    assert status(db, "consultations", held) == "PAID"
    assert ("SLOT_LOST", "USER") in news(db, held)
    assert_healthy(db)
    assert hold_slot(db, owner, held)["status"] == "CONFIRMED"


def test_a_call_that_can_still_begin_late_is_confirmed(
    db: Connection, held: UUID, payment: UUID
) -> None:
    statement = """
        update app.slots set start_at = clock_timestamp() - interval '10 minutes',
            end_at = clock_timestamp() + interval '20 minutes'
    """
    changed(db, statement)
    settle_as(db, payment, "PAID")
    assert status(db, "consultations", held) == "SCHEDULED"


def test_a_lost_seat_is_not_taken_again_in_a_slot_that_was_closed_meanwhile(
    db: Connection, held: UUID, payment: UUID
) -> None:
    start_at = live_seat(db, held)["start_at"]
    lose_seat(db, held, winner=None)
    close_clinic(db, start_at)
    settle_as(db, payment, "PAID")
    assert status(db, "consultations", held) == "PAID"
    assert ("SLOT_LOST", "USER") in news(db, held)


def test_late_truth_confirms_the_seat_that_is_held_by_now(
    db: Connection, owner: Person, held: UUID, payment: UUID
) -> None:
    other = some_slots(db, 3)[-1]
    call(db, owner, "api.release_hold", consultation_id=held)
    chosen = hold_slot(db, owner, held, other)
    assert settle_as(db, payment, "PAID") == "VERIFIED"
    seat = live_seat(db, held)
    assert (seat["id"], seat["status"]) == (chosen["id"], "CONFIRMED")
    assert status(db, "consultations", held) == "SCHEDULED"
    assert_healthy(db)


@pytest.mark.parametrize("end", ["CANCELED", "EXPIRED"])
def test_money_for_a_consultation_that_has_ended_is_due_back(
    db: Connection, owner: Person, held: UUID, payment: UUID, end: str
) -> None:
    if end == "CANCELED":
        call(db, owner, "api.cancel_consultation", consultation_id=held)
    else:
        call(db, owner, "api.release_hold", consultation_id=held)
        changed(db, "update app.consultations set expires_at = clock_timestamp()")
        db.execute("select app.expire_consultations()")
    assert settle_as(db, payment, "PAID") == "VERIFIED"
    assert status(db, "consultations", held) == end
    assert refund_reasons(db, payment) == ["CONSULTATION_CLOSED"]
    assert value(db, "select amount_toman from app.refunds") == 280000
    query = "select type from app.notifications where payload ->> 'payment_id' = %(id)s"
    assert [row["type"] for row in rows(db, query, id=str(payment))] == ["REFUND_DUE"]
    assert_healthy(db)


@pytest.mark.parametrize("first_to_come", [0, 1])
def test_of_two_paid_attempts_one_is_used_and_one_is_due_back(
    db: Connection, owner: Person, held: UUID, payment: UUID, first_to_come: int
) -> None:
    call(db, owner, "api.release_hold", consultation_id=held)
    hold_slot(db, owner, held)
    attempts = [payment, start_payment(db, owner, held)]
    first, second = attempts[first_to_come], attempts[1 - first_to_come]
    assert settle(db, first) == "VERIFIED"
    assert status(db, "payments", second) == "CANCELED"
    assert settle(db, second) == "VERIFIED"
    assert (refund_reasons(db, first), refund_reasons(db, second)) == ([], ["SURPLUS"])
    query = "select count(*) from app.appointments where status = 'CONFIRMED'"
    assert value(db, query) == 1
    assert value(db, "select count(*) from app.sms_messages") == 1
    assert_healthy(db)


# The lease


def test_only_one_asks_the_gateway_at_a_time(db: Connection, payment: UUID) -> None:
    lease = take_lease(db, payment)
    assert (lease["action"], lease["provider"]) == ("ask", "MOCK")
    assert (lease["amount_toman"], lease["amount_rials"]) == (280000, 2800000)
    assert lease["authority"].startswith("S")
    second = take_lease(db, payment)
    assert (second["action"], second["lease_token"]) == ("busy", None)


def test_a_dead_settlers_lease_ends_by_itself(db: Connection, payment: UUID) -> None:
    dead = take_lease(db, payment, seconds=0)
    alive = take_lease(db, payment)
    assert alive["action"] == "ask"
    assert alive["lease_token"] != dead["lease_token"]


def test_a_lost_lease_closes_nothing(db: Connection, payment: UUID) -> None:
    lost = take_lease(db, payment, seconds=0)
    take_lease(db, payment)
    assert finish(db, payment, lost["lease_token"], "NOT_PAID") == "PENDING"


def test_a_settled_answer_gives_the_lease_back(db: Connection, payment: UUID) -> None:
    settle_as(db, payment, "UNKNOWN")
    assert take_lease(db, payment)["action"] == "ask"


def test_an_attempt_no_gateway_knows_is_not_asked_about(
    db: Connection, owner: Person, held: UUID
) -> None:
    attempt = ask(
        db, "sidecar.begin_payment", owner, consultation_id=held, provider="MOCK"
    )
    assert take_lease(db, attempt["payment_id"])["action"] == "unasked"


# The seat of a payer who came back


def left_of_hold(db: Connection, consultation_id: UUID) -> float:
    """Return for how many seconds the consultation's seat is still held."""
    query = """
        select extract(epoch from hold_expires_at - clock_timestamp())::float
        from app.appointments where consultation_id = %(id)s and status = 'HELD'
    """
    left: float = value(db, query, id=consultation_id)
    return left


def test_a_payer_who_came_back_keeps_the_seat_while_the_gateway_is_asked(
    db: Connection, held: UUID, payment: UUID
) -> None:
    lapse_hold(db, held)
    take_lease(db, payment, 30, is_genuine=True)
    assert 25 < left_of_hold(db, held) <= 30
    assert_healthy(db)


def test_a_longer_hold_is_not_shortened_by_coming_back(
    db: Connection, held: UUID, payment: UUID
) -> None:
    before = live_seat(db, held)["hold_expires_at"]
    take_lease(db, payment, 30, is_genuine=True)
    assert live_seat(db, held)["hold_expires_at"] == before


def test_a_lost_seat_is_held_again_while_the_gateway_is_asked(
    db: Connection, held: UUID, payment: UUID
) -> None:
    lose_seat(db, held, winner=None)
    take_lease(db, payment, 30, is_genuine=True)
    assert 25 < left_of_hold(db, held) <= 30
    query = "select appointment_id from app.payments"
    assert value(db, query) == live_seat(db, held)["id"]


def test_a_replayed_callback_keeps_no_seat_for_nothing(
    db: Connection, held: UUID, payment: UUID
) -> None:
    lapse_hold(db, held)
    take_lease(db, payment, 0, is_genuine=True)
    lapse_hold(db, held)
    take_lease(db, payment, 30, is_genuine=True)
    assert left_of_hold(db, held) < 0


def test_without_the_nonce_no_seat_is_kept(
    db: Connection, held: UUID, payment: UUID
) -> None:
    lapse_hold(db, held)
    take_lease(db, payment, 30)
    assert left_of_hold(db, held) < 0


# What is asked about, and what is answered


def claim_due(db: Connection, max_rows: int = 10) -> list[UUID]:
    """Claim what reconciliation should ask about, for half a minute."""
    query = "select * from sidecar.claim_settlements(%(max_rows)s, '30 seconds')"
    with as_role(db, "sidecar"):
        found = rows(db, query, max_rows=max_rows)
    return [row["claim_settlements"] for row in found]


def test_due_are_the_attempts_whose_time_has_come_and_for_one_worker(
    db: Connection, payment: UUID
) -> None:
    come = "update app.payments set next_inquiry_at = clock_timestamp()"
    assert claim_due(db) == []
    changed(db, come)
    assert claim_due(db, max_rows=0) == []
    assert claim_due(db) == [payment]
    assert claim_due(db) == []
    changed(db, come)
    assert claim_due(db) == [payment]
    settle(db, payment)
    changed(db, come + " where next_inquiry_at is not null")
    assert claim_due(db) == []


def test_a_callback_may_say_how_the_payment_ended(
    db: Connection, held: UUID, payment: UUID
) -> None:
    settle_as(db, payment, "PAID")
    assert ask(db, "sidecar.payment_result", payment_id=payment) == {
        "consultation_id": held,
        "status": "VERIFIED",
        "ref_id": "10000000042",
    }
