"""Settlements, sweepers and payments that meet."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.concurrency.conftest import DOCTORS, Arena, Contestant
from tests.concurrency.race import Step, follow, race
from tests.db.helpers import (
    ask,
    assert_healthy,
    call,
    lapse_hold,
    live_seat,
    settle_as,
    status,
)
from tests.support.database import Connection, rows, value
from tests.support.factories import hold_slot, make_doctor, start_payment


def take_to_the_bank(
    conn: Connection, arena: Arena, index: int, slot: int | None = None
) -> UUID:
    """Hold a slot for a contestant and send them to the bank; return the attempt."""
    one = arena.crowd[index]
    start_at = arena.slots[index if slot is None else slot]
    hold_slot(conn, one.person, one.consultation_id, start_at)
    return start_payment(conn, one.person, one.consultation_id)


def settling(payment_id: UUID, outcome: str = "PAID") -> Step:
    """Return the step that asks for the lease and records the answer, if it got it."""

    def settle(conn: Connection) -> object:
        return settle_as(conn, payment_id, outcome, is_genuine=True)

    return settle


def leasing(payment_id: UUID) -> Step:
    """Return the step that asks for the lease."""

    def lease(conn: Connection) -> object:
        return ask(
            conn,
            "sidecar.begin_settlement",
            payment_id=payment_id,
            lease=timedelta(minutes=1),
        )["action"]

    return lease


def sweep(conn: Connection) -> object:
    """Release what has expired, as the job does."""
    return value(conn, "select app.release_expired_holds()")


def paying(one: Contestant) -> Step:
    """Return the step that begins to pay."""

    def pay(conn: Connection) -> Any:
        return ask(
            conn,
            "sidecar.begin_payment",
            one.person,
            consultation_id=one.consultation_id,
            provider="MOCK",
        )

    return pay


def count(conn: Connection, what: str) -> int:
    """Count rows of a table, or those that meet a condition."""
    found: int = value(conn, f"select count(*) from {what}")
    return found


def test_settlements_at_once_give_one_confirmation_one_sms_one_assignment(
    arena: Arena,
) -> None:
    """The callback twice, and the reconciliation."""
    with arena.database.connect() as conn:
        payment_id = take_to_the_bank(conn, arena, 0)
    outcomes = race(arena.database, [settling(payment_id) for _ in range(4)])
    assert [outcome.answer for outcome in outcomes] == ["VERIFIED"] * 4
    with arena.database.connect() as conn:
        logged = Counter(
            row["action"] for row in rows(conn, "select action from app.audit_log")
        )
        assert logged["PAYMENT_VERIFIED"] == 1
        assert logged["APPOINTMENT_CONFIRMED"] == 1
        assert logged["DOCTOR_ASSIGNED"] == 1
        assert count(conn, "app.sms_messages") == 1
        assert count(conn, "app.notifications") == 5
        assert_healthy(conn)


def test_one_settler_asks_the_gateway(arena: Arena) -> None:
    with arena.database.connect() as conn:
        payment_id = take_to_the_bank(conn, arena, 0)
    outcomes = race(arena.database, [leasing(payment_id) for _ in range(6)])
    answers = Counter(outcome.answer for outcome in outcomes)
    assert answers == {"ask": 1, "busy": 5}


def test_paid_and_not_paid_at_once_end_as_paid(arena: Arena) -> None:
    """Whichever comes first, late truth wins."""
    with arena.database.connect() as conn:
        payment_id = take_to_the_bank(conn, arena, 0)
    race(arena.database, [settling(payment_id, "NOT_PAID"), settling(payment_id)])
    with arena.database.connect() as conn:
        assert status(conn, "payments", payment_id) == "VERIFIED"
        consultation_id = arena.crowd[0].consultation_id
        assert status(conn, "consultations", consultation_id) == "SCHEDULED"
        assert_healthy(conn)


def test_the_sweeper_comes_while_a_settlement_is_open(arena: Arena) -> None:
    """The settlement holds the consultation: the sweeper passes over its seat."""
    consultation_id = arena.crowd[0].consultation_id
    with ThreadPoolExecutor() as pool, arena.database.connect() as conn:
        payment_id = take_to_the_bank(conn, arena, 0)
        lapse_hold(conn, consultation_id)
        conn.commit()
        seat_id = live_seat(conn, consultation_id)["id"]
        settle_as(conn, payment_id, "PAID")
        sweeper = follow(arena.database, pool, sweep)
        conn.commit()
        assert sweeper.result().answer == 0
        seat = live_seat(conn, consultation_id)
        assert (seat["id"], seat["status"]) == (seat_id, "CONFIRMED")
        assert_healthy(conn)


def test_a_settlement_comes_while_the_sweeper_is_at_work(arena: Arena) -> None:
    """It waits for the sweeper, finds the seat gone, and takes it again."""
    consultation_id = arena.crowd[0].consultation_id
    with ThreadPoolExecutor() as pool, arena.database.connect() as conn:
        payment_id = take_to_the_bank(conn, arena, 0)
        lapse_hold(conn, consultation_id)
        conn.commit()
        seat = live_seat(conn, consultation_id)
        assert sweep(conn) == 1
        settler = follow(arena.database, pool, settling(payment_id))
        conn.commit()
        assert settler.result().answer == "VERIFIED"
        again = live_seat(conn, consultation_id)
        assert (again["start_at"], again["status"]) == (seat["start_at"], "CONFIRMED")
        assert again["id"] != seat["id"]
        assert_healthy(conn)


def test_a_late_payment_and_a_new_hold_want_the_last_seat(arena: Arena) -> None:
    """One has it; the money of the other waits for a new choice."""
    with arena.database.connect() as conn:
        payment_id = take_to_the_bank(conn, arena, 0, slot=0)
        for one in arena.crowd[1:DOCTORS]:
            hold_slot(conn, one.person, one.consultation_id, arena.slots[0])
        lapse_hold(conn, arena.crowd[0].consultation_id)
        sweep(conn)

    late = arena.crowd[10]

    def hold(conn: Connection) -> object:
        return hold_slot(conn, late.person, late.consultation_id, arena.slots[0])

    settled, held = race(arena.database, [settling(payment_id), hold])
    assert settled.answer == "VERIFIED"
    assert held.code in ("OK", "SLOT_FULL")
    with arena.database.connect() as conn:
        state = status(conn, "consultations", arena.crowd[0].consultation_id)
        assert (state, held.code) in (("SCHEDULED", "SLOT_FULL"), ("PAID", "OK"))
        assert_healthy(conn)


def test_two_paid_attempts_settled_at_once_leave_one_refund(arena: Arena) -> None:
    one = arena.crowd[0]
    with arena.database.connect() as conn:
        first = take_to_the_bank(conn, arena, 0)
        call(conn, one.person, "api.release_hold", consultation_id=one.consultation_id)
        second = take_to_the_bank(conn, arena, 0)
    outcomes = race(arena.database, [settling(first), settling(second)])
    assert [outcome.answer for outcome in outcomes] == ["VERIFIED", "VERIFIED"]
    with arena.database.connect() as conn:
        assert count(conn, "app.refunds where reason = 'SURPLUS'") == 1
        assert count(conn, "app.appointments where status = 'CONFIRMED'") == 1
        assert count(conn, "app.sms_messages") == 1
        assert_healthy(conn)


def test_payments_begun_at_once_are_one_attempt(arena: Arena) -> None:
    one = arena.crowd[0]
    with arena.database.connect() as conn:
        hold_slot(conn, one.person, one.consultation_id, arena.slots[0])
    outcomes = race(arena.database, [paying(one) for _ in range(5)])
    assert {outcome.code for outcome in outcomes} == {"OK"}
    assert len({outcome.answer["payment_id"] for outcome in outcomes}) == 1
    assert sorted(outcome.answer["is_new"] for outcome in outcomes) == [False] * 4 + [
        True
    ]
    with arena.database.connect() as conn:
        assert count(conn, "app.payments") == 1


def test_canceling_meets_a_settlement(arena: Arena) -> None:
    """Either it is scheduled, or it is canceled and the money goes back."""
    one = arena.crowd[0]
    with arena.database.connect() as conn:
        payment_id = take_to_the_bank(conn, arena, 0)

    def cancel(conn: Connection) -> object:
        return call(
            conn,
            one.person,
            "api.cancel_consultation",
            consultation_id=one.consultation_id,
        )

    canceled, settled = race(arena.database, [cancel, settling(payment_id)])
    assert settled.answer == "VERIFIED"
    with arena.database.connect() as conn:
        state = status(conn, "consultations", one.consultation_id)
        refunds = count(conn, "app.refunds")
        assert (canceled.code, state, refunds) in (
            ("OK", "CANCELED", 1),
            ("INVALID_STATE", "SCHEDULED", 0),
        )
        assert_healthy(conn)


@pytest.mark.parametrize("seats_of_a_slot", [1, DOCTORS])
def test_confirmations_at_once_are_spread_fairly_over_the_doctors(
    arena: Arena, seats_of_a_slot: int
) -> None:
    """At different times of the day, and three at a time: everybody has as many."""
    total = 3 * DOCTORS
    with arena.database.connect() as conn:
        payments = [
            take_to_the_bank(conn, arena, index, slot=index // seats_of_a_slot)
            for index in range(total)
        ]
    outcomes = race(arena.database, [settling(payment_id) for payment_id in payments])
    assert {outcome.answer for outcome in outcomes} == {"VERIFIED"}
    with arena.database.connect() as conn:
        query = """
            select doctor_id, count(*) as calls from app.appointments
            where status = 'CONFIRMED' group by doctor_id
        """
        calls = [row["calls"] for row in rows(conn, query)]
        assert calls == [total // DOCTORS] * DOCTORS
        assert_healthy(conn)


def test_a_settler_that_dies_between_its_transactions_is_followed_by_another(
    arena: Arena,
) -> None:
    """Killed with the gateway's answer in hand: reconciliation ends it, once."""
    with arena.database.connect() as conn:
        payment_id = take_to_the_bank(conn, arena, 0)
        conn.commit()
        dead = arena.database.connect(autocommit=True)
        lease = ask(
            dead,
            "sidecar.begin_settlement",
            payment_id=payment_id,
            lease=timedelta(0),
        )
        assert lease["action"] == "ask"
        dead.close()
        assert settle_as(conn, payment_id, "PAID") == "VERIFIED"
        assert count(conn, "app.sms_messages") == 1
        assert_healthy(conn)


@pytest.mark.parametrize("first", ["settler", "chooser"])
def test_raising_a_capacity_and_confirming_in_the_same_slot_never_deadlock(
    arena: Arena, first: str
) -> None:
    """Both touch the settled seat and the doctors, who are locked until both wait."""
    waiting = arena.crowd[1]
    with arena.database.connect() as conn:
        payment_id = take_to_the_bank(conn, arena, 0, slot=0)
        lost = take_to_the_bank(conn, arena, 1, slot=1)
        lapse_hold(conn, waiting.consultation_id)
        for one in arena.crowd[20 : 20 + DOCTORS]:
            hold_slot(conn, one.person, one.consultation_id, arena.slots[1])
        assert settle_as(conn, lost, "PAID") == "VERIFIED"
        assert status(conn, "consultations", waiting.consultation_id) == "PAID"
        make_doctor(conn)

    def choose(conn: Connection) -> object:
        return hold_slot(conn, waiting.person, waiting.consultation_id, arena.slots[0])

    steps = [settling(payment_id), choose]
    if first == "chooser":
        steps.reverse()
    with ThreadPoolExecutor() as pool, arena.database.connect() as gate:
        gate.execute("select from app.doctors for no key update")
        followers = [follow(arena.database, pool, step) for step in steps]
        gate.commit()
        codes = [follower.result().code for follower in followers]
    assert codes == ["OK", "OK"]
    with arena.database.connect() as conn:
        assert_healthy(conn)
