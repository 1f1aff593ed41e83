"""Paying through Zarinpal: what is asked, and what each kind of answer leads to."""

from http import HTTPStatus

import pytest

from stack.background import System
from tests.http.payments.bank import Bank, come_back
from tests.http.payments.scene import (
    assert_healthy,
    begin,
    begin_again,
    leave_lists_alone,
    make_due,
    messages,
    news,
    payment_status,
    reconcile,
    seen,
)
from tests.support.api import Api, held_consultation
from tests.support.database import Connection, one, value


def test_a_payment_is_asked_for_with_our_amount_in_rials_and_the_payers_mobile(
    owner: Api, bank: Bank, database: Connection
) -> None:
    attempt = begin(owner, database)
    (asked,) = [c for c in bank.calls("request") if attempt.payment_id in str(c)]
    assert (asked["amount"], asked["currency"]) == (2_800_000, "IRR")
    assert asked["metadata"]["mobile"] == owner.mobile
    assert "/payments/callback/zarinpal?n=" in asked["callback_url"]
    assert attempt.page == f"{bank.url}/pg/StartPay/{attempt.authority}"


def test_a_paid_payment_is_verified_and_both_books_agree(
    owner: Api, bank: Bank, database: Connection
) -> None:
    attempt = begin(owner, database)
    assert come_back(bank.press(attempt.page)) == "VERIFIED"
    ours = one(
        database, "select * from app.payments where id = %(id)s", id=attempt.payment_id
    )
    theirs = bank.sessions()[attempt.authority]
    assert (theirs["status"], theirs["rials"]) == ("VERIFIED", ours["amount_rials"])
    assert (ours["ref_id"], ours["card_pan"]) == (
        str(theirs["ref_id"]),
        "502229******5995",
    )
    assert seen(owner, attempt.consultation_id)["status"] == "SCHEDULED"
    assert messages(database, attempt.consultation_id) == ["APPOINTMENT_CONFIRMED"]


def test_neither_the_merchant_id_nor_a_cards_hash_is_kept(
    owner: Api, bank: Bank, database: Connection
) -> None:
    attempt = begin(owner, database)
    come_back(bank.press(attempt.page))
    query = (
        "select concat(raw_request, raw_response) from app.payments where id = %(id)s"
    )
    kept = value(database, query, id=attempt.payment_id)
    assert bank.sessions()[attempt.authority]["merchant_id"] not in kept
    assert "card_hash" not in kept
    assert "C257" not in kept


@pytest.mark.parametrize("data", ["list", "object"])
@pytest.mark.parametrize("errors", ["object", "list", "bare"])
@pytest.mark.parametrize("status", [200, 422])
def test_a_payer_who_gave_up_ends_failed_in_every_shape_of_a_refusal(
    owner: Api, bank: Bank, database: Connection, *, data: str, errors: str, status: int
) -> None:
    bank.style(data=data, errors=errors, status=status)
    attempt = begin(owner, database)
    assert come_back(bank.press(attempt.page, "failed")) == "FAILED"
    assert seen(owner, attempt.consultation_id)["status"] == "DETAILS_SUBMITTED"


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("timeout-before", 0),
        ("timeout-after", 0),
        ("drop-before", 0),
        ("drop-after", 0),
        ("server-error", 0),
        ("html", 0),
        ("code", -12),
        ("code", -52),
        ("slow", 0.3),
    ],
)
def test_one_answer_that_says_nothing_is_asked_for_again_at_once(
    owner: Api, bank: Bank, database: Connection, kind: str, code: float
) -> None:
    attempt = begin(owner, database)
    bank.fault("verify", kind, authority=attempt.authority, value=code)
    assert come_back(bank.press(attempt.page)) == "VERIFIED"
    assert messages(database, attempt.consultation_id) == ["APPOINTMENT_CONFIRMED"]


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("timeout-before", 0),
        ("timeout-after", 0),
        ("drop-after", 0),
        ("server-error", 0),
        ("html", 0),
        ("code", -12),
        ("code", -52),
    ],
)
def test_a_bank_that_says_nothing_leaves_it_open_until_it_does(
    system: System,
    owner: Api,
    bank: Bank,
    database: Connection,
    *,
    kind: str,
    code: float,
) -> None:
    attempt = begin(owner, database)
    bank.fault("verify", kind, authority=attempt.authority, value=code, count=9)
    assert come_back(bank.press(attempt.page)) == "PENDING"
    assert len(bank.calls("verify", attempt.authority)) == 3
    assert seen(owner, attempt.consultation_id)["appointment"]["status"] == "HELD"
    bank.repair()
    make_due(database)
    reconcile(system)
    assert payment_status(database, attempt) == "VERIFIED"
    assert messages(database, attempt.consultation_id) == ["APPOINTMENT_CONFIRMED"]
    assert_healthy(database)


@pytest.mark.parametrize("code", [-9, -10, -11, -14, -50, -53, -54])
def test_a_refusal_of_ourselves_proves_nothing_and_is_shown_to_admins_once(
    system: System, owner: Api, bank: Bank, database: Connection, code: int
) -> None:
    attempt = begin(owner, database)
    leave_lists_alone(database)
    bank.fault("verify", "code", authority=attempt.authority, value=code, count=2)
    assert come_back(bank.press(attempt.page)) == "PENDING"
    make_due(database)
    reconcile(system)
    assert payment_status(database, attempt) == "PENDING"
    assert news(database, "PAYMENT_UNCLEAR", attempt.payment_id) == ["ADMIN"]
    make_due(database)
    reconcile(system)
    assert payment_status(database, attempt) == "VERIFIED"


def test_money_of_another_amount_is_never_taken_for_ours(
    owner: Api, bank: Bank, database: Connection
) -> None:
    bank.fault("request", "wrong-amount")
    attempt = begin(owner, database)
    assert come_back(bank.press(attempt.page)) == "PENDING"
    assert bank.status(attempt.authority) == "PAID"
    assert news(database, "PAYMENT_UNCLEAR", attempt.payment_id) == ["ADMIN"]


@pytest.mark.parametrize(
    ("kind", "code"), [("drop-after", 0), ("server-error", 0), ("code", -10)]
)
def test_a_bank_that_opens_nothing_is_asked_once_and_the_hold_stays(
    owner: Api, bank: Bank, kind: str, code: int
) -> None:
    consultation_id = held_consultation(owner)
    asked = len(bank.calls("request"))
    bank.fault("request", kind, value=code)
    body = {"consultationId": consultation_id}
    refused = owner.call("POST", "/payments/initiate", body)
    assert (refused.status, refused.code) == (
        HTTPStatus.BAD_GATEWAY,
        "GATEWAY_UNAVAILABLE",
    )
    assert len(bank.calls("request")) == asked + 1
    assert seen(owner, consultation_id)["status"] == "SLOT_HELD"
    again = owner.call("POST", "/payments/initiate", body)
    assert again.status == HTTPStatus.OK


def test_where_the_mock_is_off_its_page_does_not_exist(
    owner: Api, bank: Bank, database: Connection
) -> None:
    attempt = begin(owner, database)
    assert attempt.page.startswith(bank.url)
    for method in ("GET", "POST"):
        answer = owner.call(method, f"/payments/mock/{attempt.payment_id}")
        assert (answer.status, answer.code) == (HTTPStatus.NOT_FOUND, "NOT_FOUND")


def test_initiating_twice_asks_the_bank_once(
    owner: Api, bank: Bank, database: Connection
) -> None:
    attempt = begin(owner, database)
    asked = len(bank.calls("request"))
    assert begin_again(owner, database, attempt.consultation_id) == attempt
    assert len(bank.calls("request")) == asked
