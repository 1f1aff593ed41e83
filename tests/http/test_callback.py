"""The callback proves nothing: whatever the browser brings, the gateway is asked."""

from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.support import web
from tests.support.api import Api, started_payment
from tests.support.database import Connection, one, rows, value

JSON = {"Accept": "application/json"}


def callback_url(database: Connection, payment: dict[str, Any], **changed: str) -> str:
    """Return the genuine callback URL of a payment, with parameters changed."""
    row = one(
        database,
        "select p.authority, p.nonce, m.callback_url from app.payments p"
        " join app.mock_bank_sessions m on m.payment_id = p.id where p.id = %(id)s",
        id=payment["paymentId"],
    )
    url = httpx.URL(row["callback_url"])
    assert dict(url.params) == {"n": row["nonce"]}
    query = {"n": row["nonce"], "Authority": row["authority"], "Status": "OK"}
    return str(url.copy_with(params=query | changed))


def pay(payment: dict[str, Any], outcome: str = "paid") -> str:
    """Press a button at the mock bank; returns where it sends the browser."""
    answer = web.post(payment["redirectUrl"], data={"outcome": outcome})
    assert answer.status_code in (HTTPStatus.FOUND, HTTPStatus.SEE_OTHER)
    return str(answer.headers["Location"])


def consultation(owner: Api, consultation_id: str) -> Any:
    """Look at the consultation as its owner."""
    return owner.call("GET", f"/consultations/{consultation_id}").data


def test_a_genuine_callback_that_nobody_paid_for_ends_failed_and_frees_the_seat(
    owner: Api, database: Connection
) -> None:
    consultation_id, payment = started_payment(owner)
    answer = web.get(callback_url(database, payment), headers=JSON).json()
    seen = consultation(owner, consultation_id)

    assert answer["data"]["status"] == "FAILED"
    assert (seen["status"], seen["appointment"]) == ("DETAILS_SUBMITTED", None)


def test_failing_at_the_bank_ends_failed_and_the_owner_may_choose_again(
    owner: Api,
) -> None:
    consultation_id, payment = started_payment(owner)
    location = pay(payment, "failed")
    answer = web.get(location, headers=JSON).json()

    assert parse_qs(urlsplit(location).query)["Status"] == ["NOK"]
    assert answer["data"]["status"] == "FAILED"
    assert consultation(owner, consultation_id)["status"] == "DETAILS_SUBMITTED"


@pytest.mark.parametrize("nonce", ["", "0" * 64])
@pytest.mark.parametrize("status", ["OK", "NOK"])
def test_without_the_nonce_a_callback_changes_nothing(
    owner: Api, database: Connection, nonce: str, status: str
) -> None:
    consultation_id, payment = started_payment(owner)
    forged = callback_url(database, payment, n=nonce, Status=status)
    answer = web.get(forged, headers=JSON).json()
    seen = consultation(owner, consultation_id)

    assert answer["data"]["status"] == "PENDING"
    assert (seen["status"], seen["appointment"]["status"]) == (
        "PAYMENT_INITIATED",
        "HELD",
    )


def test_without_the_nonce_nobody_learns_the_banks_reference(
    owner: Api, database: Connection
) -> None:
    _, payment = started_payment(owner)
    genuine = web.get(pay(payment), headers=JSON).json()["data"]
    forged = callback_url(database, payment, n="")
    answer = web.get(forged, headers=JSON).json()["data"]

    assert answer == {name: genuine[name] for name in genuine if name != "refId"}
    assert genuine["refId"] in web.get(callback_url(database, payment)).text
    assert genuine["refId"] not in web.get(forged).text


def test_a_forged_callback_does_not_spoil_the_genuine_one(
    owner: Api, database: Connection
) -> None:
    consultation_id, payment = started_payment(owner)
    genuine = pay(payment)
    web.get(callback_url(database, payment, n="", Status="NOK"), headers=JSON)
    assert consultation(owner, consultation_id)["status"] == "PAYMENT_INITIATED"
    web.get(genuine, headers=JSON)
    assert consultation(owner, consultation_id)["status"] == "SCHEDULED"


def test_nok_after_a_verified_payment_changes_nothing(
    owner: Api, database: Connection
) -> None:
    consultation_id, payment = started_payment(owner)
    web.get(pay(payment), headers=JSON)
    late = web.get(callback_url(database, payment, Status="NOK"), headers=JSON)

    assert late.json()["data"]["status"] == "VERIFIED"
    assert consultation(owner, consultation_id)["status"] == "SCHEDULED"


def test_many_callbacks_at_once_confirm_once(owner: Api, database: Connection) -> None:
    consultation_id, payment = started_payment(owner)
    location = pay(payment)
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: web.get(location, headers=JSON, timeout=30), range(8))
        )
    appointment_id = consultation(owner, consultation_id)["appointment"]["id"]

    assert {answer.json()["data"]["status"] for answer in answers} == {"VERIFIED"}
    counts = rows(
        database,
        "select action, count(*) as times from app.audit_log"
        " where entity_id in (%(appointment)s, %(payment)s) and action in"
        " ('APPOINTMENT_CONFIRMED', 'DOCTOR_ASSIGNED', 'PAYMENT_VERIFIED')"
        " group by action",
        appointment=appointment_id,
        payment=payment["paymentId"],
    )
    assert {row["action"]: row["times"] for row in counts} == {
        "APPOINTMENT_CONFIRMED": 1,
        "DOCTOR_ASSIGNED": 1,
        "PAYMENT_VERIFIED": 1,
    }
    sms = "select count(*) from app.sms_messages where subject = %(id)s"
    assert value(database, sms, id=appointment_id) == 1


def test_an_unknown_authority_is_not_found(anybody: Api) -> None:
    answer = anybody.call(
        "GET",
        "/payments/callback/zarinpal",
        query={"Authority": "S" + "0" * 35, "Status": "OK"},
    )
    assert (answer.status, answer.code) == (404, "NOT_FOUND")


def test_a_browser_gets_a_page_with_the_outcome(owner: Api) -> None:
    _, payment = started_payment(owner)
    answer = web.get(
        pay(payment), headers={"Accept": "text/html"}, follow_redirects=True
    )
    assert answer.status_code == HTTPStatus.OK
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "<script" not in answer.text


def test_initiating_twice_leads_to_the_same_attempt(owner: Api) -> None:
    consultation_id, payment = started_payment(owner)
    again = owner.call(
        "POST", "/payments/initiate", {"consultationId": consultation_id}
    )
    assert again.data["paymentId"] == payment["paymentId"]
    assert again.data["redirectUrl"] == payment["redirectUrl"]


def test_canceling_while_paying_makes_a_refund_due_if_it_is_paid_after_all(
    owner: Api, database: Connection
) -> None:
    consultation_id, payment = started_payment(owner)
    canceled = owner.call("POST", f"/consultations/{consultation_id}/cancel")
    answer = web.get(pay(payment), headers=JSON).json()
    refund = one(
        database,
        "select reason, status, amount_toman from app.refunds"
        " where payment_id = %(id)s",
        id=payment["paymentId"],
    )

    assert canceled.data["status"] == "CANCELED"
    assert answer["data"]["status"] == "VERIFIED"
    assert (refund["reason"], refund["status"]) == ("CONSULTATION_CLOSED", "DUE")
    assert refund["amount_toman"] == payment["amountToman"]
