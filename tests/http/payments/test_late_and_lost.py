"""Money that comes late, twice, or without anybody telling us."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from stack.background import System
from tests.http.payments.bank import Bank, come_back
from tests.http.payments.scene import (
    Attempt,
    assert_healthy,
    begin,
    begin_again,
    fill_slot,
    hold,
    lapse_hold,
    lapse_payment,
    lose_slot,
    make_due,
    messages,
    news,
    payment_status,
    reconcile,
    refund_of,
    seen,
)
from tests.support import web
from tests.support.api import Api, described_consultation
from tests.support.database import Connection, changed, one, value


@pytest.fixture
def attempt(owner: Api, database: Connection) -> Attempt:
    """The owner, on the bank's page."""
    return begin(owner, database)


def test_a_hold_that_ran_out_is_confirmed_when_its_slot_is_free(
    owner: Api, bank: Bank, database: Connection, attempt: Attempt
) -> None:
    start_at = seen(owner, attempt.consultation_id)["appointment"]["startAt"]
    lapse_hold(database, attempt.consultation_id)
    assert come_back(bank.press(attempt.page)) == "VERIFIED"
    after = seen(owner, attempt.consultation_id)
    assert (after["status"], after["appointment"]["startAt"]) == ("SCHEDULED", start_at)
    query = "select appointment_id from app.payments where id = %(id)s"
    paid_for = value(database, query, id=attempt.payment_id)
    assert str(paid_for) == after["appointment"]["id"]
    assert_healthy(database)


def test_a_slot_that_is_gone_leaves_the_money_waiting_and_the_owner_rebooks_on_it(
    owner: Api, stranger: Api, bank: Bank, database: Connection, attempt: Attempt
) -> None:
    lose_slot(database, owner, attempt, stranger)
    assert come_back(bank.press(attempt.page)) == "VERIFIED"
    waiting = seen(owner, attempt.consultation_id)
    assert (waiting["status"], waiting["appointment"]) == ("PAID", None)
    assert news(database, "SLOT_LOST", attempt.payment_id) == ["ADMIN", "USER"]
    assert messages(database, attempt.consultation_id) == ["SLOT_LOST"]
    assert hold(owner, attempt.consultation_id).data["status"] == "CONFIRMED"
    assert seen(owner, attempt.consultation_id)["status"] == "SCHEDULED"
    assert_healthy(database)


def test_while_the_bank_is_asked_nobody_takes_the_seat_of_a_payer_who_came_back(
    owner: Api, stranger: Api, bank: Bank, database: Connection, attempt: Attempt
) -> None:
    start_at = seen(owner, attempt.consultation_id)["appointment"]["startAt"]
    fill_slot(database, stranger, start_at)  # but for the seat of the payer
    lapse_hold(database, attempt.consultation_id)
    rival = described_consultation(stranger)
    bank.fault("verify", "timeout-before", authority=attempt.authority, count=2)
    back = bank.press(attempt.page)
    with ThreadPoolExecutor(1) as browser:
        answer = browser.submit(come_back, back)
        while not bank.calls("verify", attempt.authority):
            assert not answer.done()
        assert hold(stranger, rival, start_at).code == "SLOT_FULL"
        assert not answer.done()
        assert answer.result() == "VERIFIED"
    assert seen(owner, attempt.consultation_id)["status"] == "SCHEDULED"
    assert_healthy(database)


def test_a_seat_taken_back_for_nothing_is_free_again_and_only_once(
    owner: Api, bank: Bank, database: Connection, attempt: Attempt
) -> None:
    """Replaying the callback keeps no seat: the first answer closes the attempt."""
    lapse_hold(database, attempt.consultation_id)
    back = bank.press(attempt.page, "failed")
    assert [come_back(back) for _ in range(3)] == ["FAILED"] * 3
    query = (
        "select count(*) filter (where status <> 'CANCELED') as live, count(*) as seats"
        " from app.appointments where consultation_id = %(id)s"
    )
    taken = one(database, query, id=attempt.consultation_id)
    assert (taken["live"], taken["seats"]) == (0, 2)
    assert seen(owner, attempt.consultation_id)["status"] == "DETAILS_SUBMITTED"
    assert_healthy(database)


def test_a_bank_that_is_silent_does_not_let_a_payer_keep_a_seat_by_coming_back(
    bank: Bank, database: Connection, attempt: Attempt
) -> None:
    bank.fault("verify", "server-error", authority=attempt.authority, count=9)
    back = bank.press(attempt.page)
    lapse_hold(database, attempt.consultation_id)
    assert come_back(back) == "PENDING"
    lapse_hold(database, attempt.consultation_id)  # the lease's hold runs out as well
    assert come_back(back) == "PENDING"
    query = (
        "select count(*) from app.appointments"
        " where consultation_id = %(id)s and status <> 'CANCELED'"
    )
    assert value(database, query, id=attempt.consultation_id) == 0


def test_a_callback_that_never_came_is_found_by_reconciliation(
    system: System, owner: Api, bank: Bank, database: Connection, attempt: Attempt
) -> None:
    bank.fault("callback", "never", authority=attempt.authority)
    page = web.post(attempt.page, data={"outcome": "paid"})
    assert "closed" in page.text
    make_due(database)
    reconcile(system)
    assert payment_status(database, attempt) == "VERIFIED"
    assert seen(owner, attempt.consultation_id)["status"] == "SCHEDULED"
    assert messages(database, attempt.consultation_id) == ["APPOINTMENT_CONFIRMED"]


@pytest.mark.parametrize("fault", ["twice", "forged", "late"])
def test_a_callback_that_comes_twice_forged_or_late_confirms_once(
    owner: Api, bank: Bank, database: Connection, attempt: Attempt, fault: str
) -> None:
    bank.fault("callback", fault, authority=attempt.authority, value=0.2)
    assert come_back(bank.press(attempt.page)) == "VERIFIED"
    assert seen(owner, attempt.consultation_id)["status"] == "SCHEDULED"
    assert messages(database, attempt.consultation_id) == ["APPOINTMENT_CONFIRMED"]


def test_nok_after_a_verified_payment_changes_nothing(
    owner: Api, bank: Bank, attempt: Attempt
) -> None:
    back = bank.press(attempt.page)
    come_back(back)
    assert come_back(str(httpx.URL(back).copy_merge_params({"Status": "NOK"}))) == (
        "VERIFIED"
    )
    assert seen(owner, attempt.consultation_id)["status"] == "SCHEDULED"


def test_nok_for_what_was_paid_is_not_believed(bank: Bank, attempt: Attempt) -> None:
    back = httpx.URL(bank.press(attempt.page))
    assert come_back(str(back.copy_merge_params({"Status": "NOK"}))) == "VERIFIED"


def test_of_two_paid_attempts_one_is_confirmed_and_the_other_goes_back(
    system: System, owner: Api, bank: Bank, database: Connection, attempt: Attempt
) -> None:
    path = f"/consultations/{attempt.consultation_id}/hold-slot"
    owner.call("DELETE", path)
    hold(owner, attempt.consultation_id)
    second = begin_again(owner, database, attempt.consultation_id)
    assert come_back(bank.press(second.page)) == "VERIFIED"
    assert come_back(bank.press(attempt.page)) == "VERIFIED"
    refund = refund_of(database, attempt.payment_id)
    assert (refund["reason"], refund["status"]) == ("SURPLUS", "DUE")
    assert seen(owner, attempt.consultation_id)["status"] == "SCHEDULED"
    assert messages(database, attempt.consultation_id) == ["APPOINTMENT_CONFIRMED"]
    reconcile(system)
    assert refund_of(database, attempt.payment_id)["status"] == "REVERSED"
    assert bank.status(attempt.authority) == "REVERSED"
    assert bank.status(second.authority) == "VERIFIED"
    assert_healthy(database)


@pytest.mark.parametrize("closed_as", ["FAILED", "EXPIRED", "CANCELED"])
def test_what_was_closed_and_later_proves_paid_becomes_verified(
    system: System,
    owner: Api,
    bank: Bank,
    database: Connection,
    attempt: Attempt,
    *,
    closed_as: str,
) -> None:
    if closed_as == "FAILED":
        bank.fault("verify", "code", authority=attempt.authority, value=-51)
        assert come_back(bank.press(attempt.page)) == "FAILED"
    elif closed_as == "EXPIRED":
        lapse_payment(database, attempt)
        make_due(database)
        reconcile(system)
    else:
        path = f"/consultations/{attempt.consultation_id}/hold-slot"
        owner.call("DELETE", path)
    assert payment_status(database, attempt) == closed_as
    bank.pay(attempt.authority)
    make_due(database)
    reconcile(system)
    assert payment_status(database, attempt) == "VERIFIED"
    assert seen(owner, attempt.consultation_id)["status"] == "SCHEDULED"
    assert_healthy(database)


def test_money_for_a_canceled_consultation_goes_back_by_itself(
    system: System, owner: Api, bank: Bank, database: Connection, attempt: Attempt
) -> None:
    owner.call("POST", f"/consultations/{attempt.consultation_id}/cancel")
    assert come_back(bank.press(attempt.page)) == "VERIFIED"
    reconcile(system)
    assert bank.status(attempt.authority) == "REVERSED"
    refund = refund_of(database, attempt.payment_id)
    assert (refund["reason"], refund["status"]) == ("CONSULTATION_CLOSED", "REVERSED")
    assert news(database, "REFUNDED", attempt.payment_id) == ["USER"]


def test_without_a_doctor_left_a_paid_seat_is_confirmed_and_admins_are_told(
    owner: Api, bank: Bank, database: Connection, attempt: Attempt
) -> None:
    changed(database, "update app.doctors set is_active = false")
    try:
        assert come_back(bank.press(attempt.page)) == "VERIFIED"
    finally:
        changed(database, "update app.doctors set is_active = true")
    after = seen(owner, attempt.consultation_id)
    assert (after["status"], after["appointment"]["doctor"]) == ("SCHEDULED", None)


def test_one_who_never_described_anything_can_not_be_paid_for(owner: Api) -> None:
    """The negative side: no hold, no attempt."""
    body = {"consultationId": described_consultation(owner)}
    assert owner.call("POST", "/payments/initiate", body).code == "INVALID_STATE"
