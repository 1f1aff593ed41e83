"""Asking a gateway whether something was paid, patiently, and believing little."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from api_extensions import backoff
from api_extensions.payments import faults
from api_extensions.payments.faults import FaultPoint
from api_extensions.payments.gateway import (
    Gateway,
    InquiryStatus,
    Outcome,
    Verdict,
)
from api_extensions.payments.queries import Settlement

# Seconds for one question, and how often it is put: together well inside the lease,
# and inside the half minute that nginx waits.
CALL_TIMEOUT, MAX_CALLS = 7.0, 3
RETRY_BASE, RETRY_CAP = 0.3, 2.0

Answer = TypeVar("Answer")


async def ask(gateway: Gateway, settlement: Settlement, *, is_genuine: bool) -> Verdict:
    """Find out what the gateway knows about a payment.

    Args:
        gateway: the one that gave the authority.
        settlement: the authority, and the amounts that the database knows.
        is_genuine: the payer came back, so verify at once. Otherwise they may still be
            typing the card number: inquire, and verify only what is paid.
    """
    if is_genuine:
        return await _verify(gateway, settlement)
    faults.reach(FaultPoint.BEFORE_INQUIRY)
    status = await insist(
        lambda: gateway.inquiry(settlement.authority),
        unknown=InquiryStatus.UNKNOWN,
        is_unknown=lambda answer: answer is InquiryStatus.UNKNOWN,
    )
    if status in {InquiryStatus.UNKNOWN, InquiryStatus.MISCONFIGURED}:
        return Verdict(Outcome(status))
    if status not in {InquiryStatus.PAID, InquiryStatus.VERIFIED}:
        return Verdict(Outcome.NOT_PAID, raw_response={"status": status})
    verdict = await _verify(gateway, settlement)
    if verdict.outcome is Outcome.NOT_PAID:
        # Inquiry says paid and verify says not: then nothing is known.
        return Verdict(Outcome.UNKNOWN, raw_response=verdict.raw_response)
    return verdict


async def _verify(gateway: Gateway, settlement: Settlement) -> Verdict:
    """Verify with the database's amounts; repeating is safe (100, then 101)."""
    faults.reach(FaultPoint.BEFORE_VERIFY)
    verdict = await insist(
        lambda: gateway.verify(
            settlement.authority,
            toman=settlement.amount_toman,
            rials=settlement.amount_rials,
        ),
        unknown=Verdict(Outcome.UNKNOWN),
        is_unknown=lambda verdict: verdict.outcome is Outcome.UNKNOWN,
    )
    faults.reach(FaultPoint.AFTER_VERIFY)
    return verdict


async def insist(
    question: Callable[[], Awaitable[Answer]],
    *,
    unknown: Answer,
    is_unknown: Callable[[Answer], bool],
) -> Answer:
    """Put a question a few times, with growing pauses, until there is an answer.

    Args:
        question: safe to repeat.
        unknown: what a time-out counts as.
        is_unknown: whether an answer is none.
    """
    answer = unknown
    for attempt in range(1, MAX_CALLS + 1):
        try:
            async with asyncio.timeout(CALL_TIMEOUT):
                answer = await question()
        except TimeoutError:
            answer = unknown
        if not is_unknown(answer) or attempt == MAX_CALLS:
            break
        await asyncio.sleep(backoff.delay(attempt, base=RETRY_BASE, cap=RETRY_CAP))
    return answer
