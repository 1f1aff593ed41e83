"""`settle`: the one path by which a payment learns its end.

The browser's return, the reconciliation and an admin's button all come here. Nothing is
locked while the gateway is asked: one transaction takes a lease, another records. A
process that dies in between leaves a lease that runs out.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

import structlog

from api_extensions import backoff
from api_extensions.db import Database
from api_extensions.payments import queries
from api_extensions.payments.gateway import (
    Gateway,
    Gateways,
    InquiryStatus,
    Outcome,
    Verdict,
)
from api_extensions.payments.queries import Settlement

log = structlog.get_logger()

# Seconds for one question, and how often it is put: together well inside the lease,
# and inside the half minute that nginx waits.
CALL_TIMEOUT, MAX_CALLS = 6.0, 3
RETRY_BASE, RETRY_CAP = 0.3, 2.0
LEASE = timedelta(seconds=60)
# A payer who waits for another settler looks again this often, every so many seconds.
BUSY_LOOKS, BUSY_PAUSE = 20, 0.25

Answer = TypeVar("Answer")


class Settler:
    """Asks the gateways about payments and records what they say."""

    def __init__(self, database: Database, gateways: Gateways) -> None:
        self._database = database
        self._gateways = gateways

    async def settle(self, payment_id: UUID, *, is_genuine: bool) -> None:
        """Settle one payment as far as the gateway knows about it now.

        Args:
            payment_id: whose attempt it is does not matter.
            is_genuine: the payer came back with the attempt's nonce. Only then may
                "not paid" close it before its deadline: otherwise they may still be
                typing the card number, and we only inquire.
        """
        for _ in range(BUSY_LOOKS if is_genuine else 1):
            async with self._database.system() as connection:
                settlement = await queries.begin_settlement(
                    connection, payment_id, LEASE
                )
            if settlement.action == "ask":
                await self._ask_and_record(payment_id, settlement, is_genuine)
            if settlement.action != "busy":
                return
            await asyncio.sleep(BUSY_PAUSE)

    async def _ask_and_record(
        self, payment_id: UUID, settlement: Settlement, is_genuine: bool
    ) -> None:
        verdict = await self._ask(settlement, is_genuine)
        is_decided = verdict.outcome in {Outcome.PAID, Outcome.NOT_PAID}
        async with self._database.system() as connection:
            status = await queries.finish_settlement(
                connection,
                payment_id,
                lease_token=settlement.lease_token,
                outcome=verdict.outcome if is_decided else Outcome.UNKNOWN,
                is_genuine=is_genuine,
                verdict=verdict,
            )
        report = log.error if verdict.outcome is Outcome.MISCONFIGURED else log.info
        report(
            "payment_asked",
            payment_id=str(payment_id),
            outcome=verdict.outcome,
            status=status,
        )

    async def _ask(self, settlement: Settlement, is_genuine: bool) -> Verdict:
        gateway = self._gateways.by_provider.get(settlement.provider)
        if gateway is None:  # switched off while its payments were still open
            return Verdict(Outcome.MISCONFIGURED)
        if is_genuine:
            return await _verify(gateway, settlement)
        status = await _insist(
            lambda: gateway.inquiry(settlement.authority),
            unknown=InquiryStatus.UNKNOWN,
            is_unknown=lambda answer: answer is InquiryStatus.UNKNOWN,
        )
        if status is InquiryStatus.UNKNOWN:
            return Verdict(Outcome.UNKNOWN)
        if status not in {InquiryStatus.PAID, InquiryStatus.VERIFIED}:
            return Verdict(Outcome.NOT_PAID, raw_response={"status": status})
        verdict = await _verify(gateway, settlement)
        # Paid says one, not paid says the other: then nothing is known.
        is_contradicted = verdict.outcome is Outcome.NOT_PAID
        return Verdict(Outcome.UNKNOWN) if is_contradicted else verdict


async def _verify(gateway: Gateway, settlement: Settlement) -> Verdict:
    """Verify with the database's amounts; repeating is safe (100, then 101)."""
    return await _insist(
        lambda: gateway.verify(
            settlement.authority,
            toman=settlement.amount_toman,
            rials=settlement.amount_rials,
        ),
        unknown=Verdict(Outcome.UNKNOWN),
        is_unknown=lambda verdict: verdict.outcome is Outcome.UNKNOWN,
    )


async def _insist(
    ask: Callable[[], Awaitable[Answer]],
    *,
    unknown: Answer,
    is_unknown: Callable[[Answer], bool],
) -> Answer:
    """Put a question a few times until there is an answer to it.

    Args:
        ask: safe to repeat.
        unknown: what a time-out counts as.
        is_unknown: whether an answer is none.
    """
    answer = unknown
    for attempt in range(1, MAX_CALLS + 1):
        try:
            async with asyncio.timeout(CALL_TIMEOUT):
                answer = await ask()
        except TimeoutError:
            answer = unknown
        if not is_unknown(answer) or attempt == MAX_CALLS:
            break
        await asyncio.sleep(backoff.delay(attempt, base=RETRY_BASE, cap=RETRY_CAP))
    return answer
