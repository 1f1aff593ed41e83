"""Asking a gateway: patient with silence, and believing only what is proved."""

import asyncio
from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from api_extensions.payments import ask
from api_extensions.payments.gateway import (
    Accepted,
    InquiryStatus,
    Order,
    Outcome,
    Refused,
    Reversal,
    Unverified,
    Verdict,
)
from api_extensions.payments.queries import Settlement

SETTLEMENT = Settlement("ask", "SCRIPTED", "S1", 280_000, 2_800_000, uuid4())
PAID = Verdict(Outcome.PAID, ref_id="1")
NOT_PAID, UNKNOWN = Verdict(Outcome.NOT_PAID), Verdict(Outcome.UNKNOWN)
MISCONFIGURED = Verdict(Outcome.MISCONFIGURED)


class Scripted:
    """A gateway that gives the answers it was told to, and notes the questions."""

    provider = "SCRIPTED"

    def __init__(
        self, *, verdicts: Sequence[Verdict] = (), inquiries: Sequence[str] = ()
    ) -> None:
        self._verdicts = list(verdicts)
        self._inquiries = [InquiryStatus(status) for status in inquiries]
        self.asked: list[str] = []

    async def verify(self, authority: str, *, toman: int, rials: int) -> Verdict:
        """Give the next verdict."""
        self.asked.append(f"verify {authority} {toman} {rials}")
        return self._verdicts.pop(0)

    async def inquiry(self, authority: str) -> InquiryStatus:
        """Give the next status."""
        self.asked.append(f"inquiry {authority}")
        return self._inquiries.pop(0)

    async def request(self, order: Order) -> Accepted | Refused:
        """Not asked here."""
        raise AssertionError(order)

    def pay_url(self, payment_id: UUID, authority: str) -> str:
        """Not asked here."""
        raise AssertionError((payment_id, authority))

    async def list_unverified(self) -> Sequence[Unverified] | None:
        """Not asked here."""
        raise AssertionError

    async def reverse(self, authority: str) -> Reversal:
        """Not asked here."""
        raise AssertionError(authority)

    async def close(self) -> None:
        """Hold nothing."""


class Silent(Scripted):
    """A gateway that takes every question and never answers."""

    async def verify(self, authority: str, *, toman: int, rials: int) -> Verdict:
        """Never give one."""
        self.asked.append(f"verify {authority} {toman} {rials}")
        await asyncio.Event().wait()
        raise AssertionError


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ask, "RETRY_BASE", 0.001)
    monkeypatch.setattr(ask, "CALL_TIMEOUT", 0.05)


def answer(gateway: Scripted, *, is_genuine: bool) -> Verdict:
    return asyncio.run(ask.ask(gateway, SETTLEMENT, is_genuine=is_genuine))


@pytest.mark.parametrize("verdict", [PAID, NOT_PAID, MISCONFIGURED])
def test_a_payer_who_returned_is_verified_once_with_our_amounts(
    verdict: Verdict,
) -> None:
    gateway = Scripted(verdicts=[verdict])
    assert answer(gateway, is_genuine=True) == verdict
    assert gateway.asked == ["verify S1 280000 2800000"]


def test_an_unknown_answer_is_asked_for_again() -> None:
    gateway = Scripted(verdicts=[UNKNOWN, UNKNOWN, PAID])
    assert answer(gateway, is_genuine=True) == PAID


def test_what_stays_unknown_is_never_a_failure() -> None:
    gateway = Scripted(verdicts=[UNKNOWN] * 9)
    assert answer(gateway, is_genuine=True).outcome is Outcome.UNKNOWN
    assert len(gateway.asked) == ask.MAX_CALLS


def test_silence_is_bounded_and_unknown() -> None:
    gateway = Silent()
    assert answer(gateway, is_genuine=True).outcome is Outcome.UNKNOWN
    assert len(gateway.asked) == ask.MAX_CALLS


@pytest.mark.parametrize("status", ["IN_BANK", "FAILED", "REVERSED"])
def test_the_sweep_only_inquires_while_the_payer_may_be_typing(status: str) -> None:
    gateway = Scripted(inquiries=[status])
    assert answer(gateway, is_genuine=False).outcome is Outcome.NOT_PAID
    assert gateway.asked == ["inquiry S1"]


@pytest.mark.parametrize("status", ["PAID", "VERIFIED"])
def test_the_sweep_verifies_what_is_paid(status: str) -> None:
    gateway = Scripted(inquiries=["UNKNOWN", status], verdicts=[PAID])
    assert answer(gateway, is_genuine=False) == PAID


def test_a_gateway_that_contradicts_itself_has_said_nothing() -> None:
    gateway = Scripted(inquiries=["PAID"], verdicts=[NOT_PAID])
    assert answer(gateway, is_genuine=False).outcome is Outcome.UNKNOWN


def test_an_unanswered_inquiry_proves_nothing() -> None:
    gateway = Scripted(inquiries=["UNKNOWN"] * 3)
    assert answer(gateway, is_genuine=False).outcome is Outcome.UNKNOWN


def test_a_refusal_of_ourselves_is_told_apart_and_not_repeated() -> None:
    gateway = Scripted(inquiries=["MISCONFIGURED"])
    assert answer(gateway, is_genuine=False) == MISCONFIGURED
    assert gateway.asked == ["inquiry S1"]
