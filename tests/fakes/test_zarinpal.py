"""The fake bank speaks the documented protocol."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from fakes.zarinpal.app import create_app
from fakes.zarinpal.books import Books

MERCHANT_ID = "11111111-2222-4333-8444-555555555555"
OTHER_ID = "99999999-2222-4333-8444-555555555555"
ORDER = {
    "amount": 280_000,
    "currency": "IRT",
    "description": "test",
    "callback_url": "http://127.0.0.1:1/back?n=1",
}

Client = TestClient[Any, Any]


class Talk:
    """A conversation with the bank."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def ask(self, operation: str, **fields: Any) -> Any:
        """Put a question; return the whole body."""
        body = {"merchant_id": MERCHANT_ID} | fields
        url = f"/pg/v4/payment/{operation}.json"
        async with self.client.post(url, json=body) as answer:
            return await answer.json()

    async def code(self, operation: str, **fields: Any) -> int:
        """Put a question; return the code of its answer."""
        body = await self.ask(operation, **fields)
        found: int = (body["data"] or body["errors"])["code"]
        return found

    async def open(self) -> str:
        """Open a session; return its authority."""
        return str((await self.ask("request", **ORDER))["data"]["authority"])

    async def pay(self, authority: str, outcome: str = "paid") -> str:
        """Press a button of the page; return where it leads."""
        url = f"/pg/StartPay/{authority}"
        async with self.client.post(
            url, data={"outcome": outcome}, allow_redirects=False
        ) as answer:
            return str(answer.headers["Location"])

    async def status(self, authority: str) -> str:
        """Inquire."""
        return str((await self.ask("inquiry", authority=authority))["data"]["status"])


def talk(script: Callable[[Talk], Awaitable[None]], books: Books | None = None) -> None:
    """Play a script against a bank of its own."""

    async def play() -> None:
        server = TestServer(create_app(books or Books()))
        async with TestClient(server) as client:
            await script(Talk(client))

    asyncio.run(play())


def test_from_the_bank_to_verified_first_100_and_then_101() -> None:
    async def script(bank: Talk) -> None:
        authority = await bank.open()
        assert len(authority) == 36
        assert await bank.status(authority) == "IN_BANK"
        assert await bank.code("verify", authority=authority, amount=280_000) == -51
        assert f"n=1&Authority={authority}&Status=OK" in await bank.pay(authority)
        assert await bank.status(authority) == "PAID"
        first = await bank.ask("verify", authority=authority, amount=280_000)
        again = await bank.ask("verify", authority=authority, amount=280_000)
        assert (first["data"]["code"], again["data"]["code"]) == (100, 101)
        assert first["data"]["ref_id"] == again["data"]["ref_id"]
        assert first["errors"] == []
        assert await bank.status(authority) == "VERIFIED"

    talk(script)


def test_who_gives_up_is_sent_back_with_nok() -> None:
    async def script(bank: Talk) -> None:
        authority = await bank.open()
        assert "Status=NOK" in await bank.pay(authority, "failed")
        assert "Status=NOK" in await bank.pay(authority, "paid")  # once is once
        assert await bank.status(authority) == "FAILED"

    talk(script)


def test_another_amount_merchant_or_authority_is_refused() -> None:
    async def script(bank: Talk) -> None:
        authority = await bank.open()
        await bank.pay(authority)
        paid = {"authority": authority, "amount": 280_000}
        assert await bank.code("verify", **paid | {"amount": 2_800_000}) == -50
        assert await bank.code("verify", **paid, merchant_id=OTHER_ID) == -53
        assert await bank.code("verify", **paid | {"authority": "S1"}) == -54
        assert await bank.code("verify", **paid) == 100

    talk(script)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"merchant_id": "x"}, -9),
        ({"amount": 99}, -9),
        ({"amount": 100_000_001}, -41),
        ({"currency": "USD"}, -9),
        ({"description": ""}, -9),
        ({"callback_url": "/back"}, -9),
        ({"metadata": {"mobile": "+989121234567"}}, -9),
    ],
)
def test_a_request_is_checked_like_the_real_one(wrong: Any, code: int) -> None:
    async def script(bank: Talk) -> None:
        assert await bank.code("request", **ORDER | wrong) == code

    talk(script)


def test_unverified_lists_what_was_paid_in_the_documented_shape() -> None:
    async def script(bank: Talk) -> None:
        paid, _ = await bank.open(), await bank.open()
        await bank.pay(paid)
        body = await bank.ask("unVerified")
        assert "errors" not in body
        assert body["data"]["code"] == "100"
        (listed,) = body["data"]["authorities"]
        assert (listed["authority"], listed["amount"]) == (paid, 280_000)

    talk(script)


def test_half_an_hour_after_the_payment_nothing_is_reversed() -> None:
    async def script(bank: Talk) -> None:
        early, late = await bank.open(), await bank.open()
        assert await bank.code("reverse", authority=early) == -61
        await bank.pay(early)
        await bank.pay(late)
        await bank.client.post(f"/control/sessions/{late}/age", json={"seconds": 1801})
        assert await bank.code("reverse", authority=early) == 100
        assert await bank.code("reverse", authority=early) == -61
        assert await bank.code("reverse", authority=late) == -63
        assert await bank.status(early) == "REVERSED"

    talk(script)


def test_the_books_outlive_the_process_and_are_in_rials(tmp_path: Path) -> None:
    async def open_one(bank: Talk) -> None:
        await bank.open()

    talk(open_one, Books(tmp_path / "books"))
    (session,) = Books(tmp_path / "books").all()
    assert (session.amount, session.currency, session.rials) == (
        280_000,
        "IRT",
        2_800_000,
    )
