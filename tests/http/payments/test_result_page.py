"""Where a payer ends up: the configured page, our own, or JSON; never with a cookie."""

from http import HTTPStatus

import httpx
import pytest

from stack.background import System
from tests.http.payments.bank import Bank
from tests.http.payments.scene import begin
from tests.http.payments.sidecars import another_sidecar, at
from tests.support import web
from tests.support.api import Api
from tests.support.database import Connection

RESULT = "https://app.example/result?lang=fa"


def test_without_a_result_page_ours_tells_in_both_languages(
    owner: Api, bank: Bank, database: Connection
) -> None:
    attempt = begin(owner, database)
    answer = web.get(bank.press(attempt.page), timeout=20)
    assert answer.status_code == HTTPStatus.OK
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "پرداخت انجام شد" in answer.text
    assert "The payment succeeded" in answer.text
    assert str(bank.sessions()[attempt.authority]["ref_id"]) in answer.text
    assert "set-cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("outcome", ["paid", "failed"])
def test_the_configured_page_gets_the_outcome(
    system: System, owner: Api, bank: Bank, database: Connection, outcome: str
) -> None:
    attempt = begin(owner, database)
    back = bank.press(attempt.page, outcome)
    with another_sidecar(system, PAYMENT_RESULT_URL=RESULT) as (url, _):
        answer = web.get(at(url, back), timeout=20)
    target = httpx.URL(answer.headers["Location"])
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert (target.host, target.path) == ("app.example", "/result")
    wanted = {
        "lang": "fa",
        "paymentId": attempt.payment_id,
        "consultationId": attempt.consultation_id,
        "status": "VERIFIED" if outcome == "paid" else "FAILED",
    }
    reference = str(bank.sessions()[attempt.authority]["ref_id"])
    assert dict(target.params) == wanted | (
        {"refId": reference} if outcome == "paid" else {}
    )
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_json_comes_on_request(owner: Api, bank: Bank, database: Connection) -> None:
    attempt = begin(owner, database)
    back = bank.press(attempt.page)
    answer = web.get(back, headers={"Accept": "application/json"}, timeout=20)
    assert answer.json()["data"] == {
        "paymentId": attempt.payment_id,
        "consultationId": attempt.consultation_id,
        "status": "VERIFIED",
        "refId": str(bank.sessions()[attempt.authority]["ref_id"]),
    }


def test_what_is_not_known_yet_is_not_called_a_failure(
    owner: Api, bank: Bank, database: Connection
) -> None:
    attempt = begin(owner, database)
    bank.fault("verify", "html", authority=attempt.authority, count=9)
    page = web.get(bank.press(attempt.page), timeout=20).text
    assert "نتیجهٔ پرداخت هنوز روشن نیست" in page
    assert "not known yet" in page
