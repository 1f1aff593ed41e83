"""The Zarinpal client on the wire: what it sends, and what it makes of the answers."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar
from uuid import UUID

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr
from structlog.testing import capture_logs

from api_extensions.payments.gateway import (
    Accepted,
    InquiryStatus,
    Order,
    Outcome,
    Refused,
    Reversal,
    Unverified,
)
from api_extensions.payments.zarinpal import ZarinpalGateway
from api_extensions.settings import SettingsError
from tests.extensions.conftest import PRODUCTION, Load

MERCHANT_ID = "11111111-2222-4333-8444-555555555555"
AUTHORITY = "S" + "0" * 35
ORDER = Order(
    payment_id=UUID("018f0000-0000-7000-8000-000000000001"),
    amount_toman=280_000,
    amount_rials=2_800_000,
    callback_url="https://vet.example/callback?n=5ecret",
    mobile="09121234567",
)

Answer = TypeVar("Answer")
Reply = Callable[[], web.Response]


class Bank:
    """A server that gives one answer to everything, and keeps the questions."""

    def __init__(self, reply: Reply, delay: float = 0) -> None:
        self.asked: list[tuple[str, Any]] = []
        self._reply = reply
        self._delay = delay

    async def handle(self, request: web.Request) -> web.Response:
        """Answer, once more."""
        self.asked.append((request.path, await request.json()))
        await asyncio.sleep(self._delay)
        return self._reply()

    def ask(
        self,
        question: Callable[[ZarinpalGateway], Awaitable[Answer]],
        timeout: float = 5,
    ) -> Answer:
        """Put a question to it with the real client."""

        async def play() -> Answer:
            app = web.Application()
            app.router.add_post("/{path:.*}", self.handle)
            async with TestServer(app) as server:
                gateway = ZarinpalGateway(
                    merchant_id=SecretStr(MERCHANT_ID),
                    base_url=str(server.make_url("")),
                    timeout=timeout,
                )
                try:
                    return await question(gateway)
                finally:
                    await gateway.close()

        return asyncio.run(play())


def saying(body: Any, status: int = 200, delay: float = 0) -> Bank:
    """Make a bank that answers with JSON."""
    return Bank(lambda: web.json_response(body, status=status), delay)


def refusing(code: int, status: int = 200) -> Bank:
    """Make a bank that answers with an error."""
    error = {"code": code, "message": "no", "validations": []}
    return saying({"data": [], "errors": error}, status)


@pytest.fixture
def logs() -> Iterator[list[Any]]:
    """What is logged during the test."""
    with capture_logs() as entries:
        yield entries


def verify(gateway: ZarinpalGateway) -> Awaitable[Any]:
    return gateway.verify(AUTHORITY, toman=280_000, rials=2_800_000)


def test_a_request_says_the_amount_its_currency_and_whose_it_is() -> None:
    bank = saying({"data": {"code": 100, "authority": AUTHORITY}, "errors": []})
    accepted = bank.ask(lambda gateway: gateway.request(ORDER))
    ((path, body),) = bank.asked
    assert path == "/pg/v4/payment/request.json"
    assert 0 < len(body.pop("description")) <= 500
    assert body == {
        "merchant_id": MERCHANT_ID,
        "amount": 2_800_000,
        "currency": "IRR",
        "callback_url": ORDER.callback_url,
        "metadata": {"mobile": "09121234567", "order_id": str(ORDER.payment_id)},
    }
    assert isinstance(accepted, Accepted)
    assert accepted.authority == AUTHORITY
    kept = json.dumps([accepted.raw_request, accepted.raw_response])
    assert MERCHANT_ID not in kept
    assert "5ecret" not in kept


@pytest.mark.parametrize("authority", [None, "", 5, "../../x", "S" * 65, "S 1"])
def test_an_acceptance_without_a_usable_authority_is_none(authority: object) -> None:
    bank = saying({"data": {"code": 100, "authority": authority}, "errors": []})
    refused = bank.ask(lambda gateway: gateway.request(ORDER))
    assert isinstance(refused, Refused)
    assert refused.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("status", [200, 400, 401, 422, 500])
@pytest.mark.parametrize(("code", "word"), [(100, "Paid"), (101, "Verified")])
def test_the_body_counts_whatever_the_status(status: int, code: int, word: str) -> None:
    data = {"code": code, "message": word, "ref_id": 59421827101, "wages": None}
    pan = {"card_pan": "628023******8998", "card_hash": "C257"}
    verdict = saying({"data": data | pan, "errors": []}, status).ask(verify)
    assert verdict.outcome is Outcome.PAID
    assert (verdict.ref_id, verdict.card_pan) == ("59421827101", "628023******8998")


def test_verify_sends_the_database_amount_in_the_unit_of_the_request() -> None:
    bank = refusing(-51)
    assert bank.ask(verify).outcome is Outcome.NOT_PAID
    assert bank.asked == [
        (
            "/pg/v4/payment/verify.json",
            {"merchant_id": MERCHANT_ID, "amount": 2_800_000, "authority": AUTHORITY},
        )
    ]


def test_paid_without_a_reference_is_still_paid() -> None:
    verdict = saying({"data": {"code": 101}, "errors": []}).ask(verify)
    assert (verdict.outcome, verdict.ref_id) == (Outcome.PAID, AUTHORITY)


@pytest.mark.parametrize(
    "reply",
    [
        lambda: web.Response(status=502, text="<h1>Bad Gateway</h1>"),
        lambda: web.Response(text="<p>ok</p>", content_type="text/html"),
        lambda: web.Response(body=b"\xff\xfe", content_type="application/json"),
        lambda: web.Response(text="", headers={"Content-Type": "x; charset=nope"}),
        lambda: web.Response(status=302, headers={"Location": "https://elsewhere"}),
        lambda: web.json_response({"data": [], "errors": []}),
    ],
)
def test_what_says_nothing_is_unknown_to_every_question(reply: Reply) -> None:
    async def everything(gateway: ZarinpalGateway) -> tuple[Any, ...]:
        return (
            (await verify(gateway)).outcome,
            await gateway.inquiry(AUTHORITY),
            await gateway.list_unverified(),
            await gateway.reverse(AUTHORITY),
        )

    assert Bank(reply).ask(everything) == (
        Outcome.UNKNOWN,
        InquiryStatus.UNKNOWN,
        None,
        Reversal(is_done=False),
    )


def test_silence_ends_at_the_time_out(logs: list[Any]) -> None:
    bank = saying({}, delay=0.5)
    assert bank.ask(verify, timeout=0.05).outcome is Outcome.UNKNOWN
    assert [entry["event"] for entry in logs] == ["zarinpal_silent"]


def test_nobody_there_is_unknown() -> None:
    async def play() -> Any:
        gateway = ZarinpalGateway(
            merchant_id=SecretStr(MERCHANT_ID), base_url="http://127.0.0.1:1", timeout=1
        )
        try:
            return await verify(gateway)
        finally:
            await gateway.close()

    assert asyncio.run(play()).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"data": {"status": "PAID", "code": 100}, "errors": []}, "PAID"),
        ({"data": {"status": "IN_BANK", "code": 100}, "errors": []}, "IN_BANK"),
        ({"data": {"status": "REVERSED", "code": "100"}}, "REVERSED"),
        ({"data": {"status": "UNKNOWN", "code": 100}}, "UNKNOWN"),
        ({"data": {"status": "SOMETHING", "code": 100}}, "UNKNOWN"),
        ({"data": {"status": "PAID", "code": 5}}, "UNKNOWN"),
        ({"data": [], "errors": {"code": -12}}, "UNKNOWN"),
        ({"data": [], "errors": {"code": -10}}, "MISCONFIGURED"),
        ({"errors": {"authority": ["Invalid authority.", "-54"]}}, "MISCONFIGURED"),
    ],
)
def test_an_inquiry_is_one_of_the_documented_states_or_nothing(
    body: Any, status: str
) -> None:
    found = saying(body).ask(lambda gateway: gateway.inquiry(AUTHORITY))
    assert found == InquiryStatus(status)


def test_the_list_of_unverified_is_read_as_documented_and_odd_lines_are_skipped() -> (
    None
):
    listed = [
        {"authority": AUTHORITY, "amount": 50500, "date": "2020-07-01 17:33:25"},
        {"authority": None},
        "zarin_link",
    ]
    data = {"code": "100", "message": "Success", "authorities": listed}
    found = saying({"data": data}).ask(lambda gateway: gateway.list_unverified())
    assert found == [Unverified(AUTHORITY)]


@pytest.mark.parametrize(
    ("code", "reversal"),
    [
        (100, Reversal(is_done=True)),
        (-61, Reversal(is_done=False, code=-61)),
        (-62, Reversal(is_done=False, code=-62)),
        (-63, Reversal(is_done=False, code=-63)),
        (-12, Reversal(is_done=False)),
        (-52, Reversal(is_done=False)),
    ],
)
def test_a_reversal_is_done_refused_or_unknown(code: int, reversal: Reversal) -> None:
    bank = saying({"data": {"code": 100}}) if code == 100 else refusing(code)
    assert bank.ask(lambda gateway: gateway.reverse(AUTHORITY)) == reversal


def test_every_question_is_put_once() -> None:
    async def everything(gateway: ZarinpalGateway) -> None:
        await gateway.request(ORDER)
        await verify(gateway)
        await gateway.inquiry(AUTHORITY)
        await gateway.list_unverified()
        await gateway.reverse(AUTHORITY)

    bank = refusing(-12)
    bank.ask(everything)
    names = [path.rpartition("/")[2] for path, _ in bank.asked]
    assert names == [
        "request.json",
        "verify.json",
        "inquiry.json",
        "unVerified.json",
        "reverse.json",
    ]


def test_no_log_line_has_the_merchant_id_or_a_card(logs: list[Any]) -> None:
    echo = [{"merchant_id": f"{MERCHANT_ID} is wrong"}, {"x": f"see {MERCHANT_ID}"}]
    error = {"code": -9, "message": MERCHANT_ID, "validations": echo}
    saying({"data": [], "errors": error}).ask(lambda gateway: gateway.request(ORDER))
    saying({"data": {"code": 100, "card_pan": "6280231234568998"}}).ask(verify)
    assert [entry["code"] for entry in logs] == [-9]
    assert logs[0]["validations"] == [{}, {"x": "see ***"}]
    assert MERCHANT_ID not in str(logs)
    assert "6280231234568998" not in str(logs)


def test_the_payers_page_is_on_the_configured_host() -> None:
    gateway = ZarinpalGateway(
        merchant_id=SecretStr(MERCHANT_ID),
        base_url="https://sandbox.zarinpal.com",
        timeout=1,
    )
    page = gateway.pay_url(ORDER.payment_id, AUTHORITY)
    assert page == f"https://sandbox.zarinpal.com/pg/StartPay/{AUTHORITY}"


def test_production_takes_zarinpal_and_keeps_its_id_to_itself(load: Load) -> None:
    settings = load(PRODUCTION, ZARINPAL_MERCHANT_ID=MERCHANT_ID)
    assert settings.zarinpal_base_url == "https://payment.zarinpal.com"
    assert MERCHANT_ID not in repr(settings)
    with pytest.raises(SettingsError) as caught:
        load(PRODUCTION, ZARINPAL_MERCHANT_ID="5ecret-id")
    assert "5ecret-id" not in str(caught.value)
