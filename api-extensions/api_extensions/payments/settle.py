"""`settle`: the one path by which a payment learns its end.

The browser's return, the reconciliation and an admin's button all come here. Nothing is
locked while the gateway is asked: one transaction takes a lease, another records. A
process that dies in between leaves a lease that runs out.
"""

import asyncio
from datetime import timedelta
from uuid import UUID

import structlog

from api_extensions.db import Database
from api_extensions.payments import faults, queries
from api_extensions.payments.ask import ask
from api_extensions.payments.faults import FaultPoint
from api_extensions.payments.gateway import Gateways, Outcome, Verdict
from api_extensions.payments.queries import Settlement

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
# A payer who waits for another settler looks again this often, every so many seconds.
BUSY_LOOKS, BUSY_PAUSE = 20, 0.25


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
                "not paid" close it before its deadline.

        Raises:
            psycopg.Error: when the database fails; the lease, if taken, runs out.
        """
        for _ in range(BUSY_LOOKS if is_genuine else 1):
            settlement = await self._begin(payment_id, is_genuine)
            if settlement.action == "ask":
                verdict = await self._ask(settlement, is_genuine)
                await self._record(payment_id, settlement, verdict, is_genuine)
            if settlement.action != "busy":
                return
            await asyncio.sleep(BUSY_PAUSE)

    async def _begin(self, payment_id: UUID, is_genuine: bool) -> Settlement:
        faults.reach(FaultPoint.BEFORE_LEASE)
        async with self._database.system() as connection:
            settlement = await queries.begin_settlement(
                connection, payment_id, LEASE, is_genuine=is_genuine
            )
            faults.reach(FaultPoint.LEASE_UNCOMMITTED)
        faults.reach(FaultPoint.LEASE_TAKEN)
        return settlement

    async def _ask(self, settlement: Settlement, is_genuine: bool) -> Verdict:
        gateway = self._gateways.by_provider.get(settlement.provider)
        if gateway is None:  # switched off while its payments were still open
            return Verdict(Outcome.MISCONFIGURED)
        return await ask(gateway, settlement, is_genuine=is_genuine)

    async def _record(
        self,
        payment_id: UUID,
        settlement: Settlement,
        verdict: Verdict,
        is_genuine: bool,
    ) -> None:
        faults.reach(FaultPoint.BEFORE_RECORD)
        async with self._database.system() as connection:
            faults.reach(FaultPoint.RECORD_BEGUN)
            status = await queries.finish_settlement(
                connection,
                payment_id,
                lease_token=settlement.lease_token,
                is_genuine=is_genuine,
                verdict=verdict,
            )
            faults.reach(FaultPoint.RECORD_UNCOMMITTED)
        faults.reach(FaultPoint.RECORDED)
        report = log.error if verdict.outcome is Outcome.MISCONFIGURED else log.info
        report(
            "payment_asked",
            payment_id=str(payment_id),
            outcome=verdict.outcome,
            status=status,
        )
