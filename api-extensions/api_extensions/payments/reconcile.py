"""Reconciliation: finds by itself what no callback told, and gives back what is due.

Any number may run: each claims what it asks about, and one reads a gateway's list.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from uuid import UUID

import structlog

from api_extensions.background import every
from api_extensions.db import Database
from api_extensions.payments import queries, refund_queries
from api_extensions.payments.ask import insist
from api_extensions.payments.gateway import Gateway, Gateways, Unverified
from api_extensions.payments.refund import Refunder
from api_extensions.payments.settle import LEASE, Settler

log = structlog.get_logger()

# Payments claimed at once, and how many are asked about at a time.
MAX_ROWS, CONCURRENCY = 50, 5
# The part of the interval in which a gateway's list is not read again.
LIST_PAUSE = 0.8


class Reconciler:
    """Settles what is open or listed as unverified, and reverses what is due."""

    name = "reconciliation"

    def __init__(
        self,
        database: Database,
        gateways: Gateways,
        settler: Settler,
        refunder: Refunder,
        *,
        interval: timedelta,
    ) -> None:
        self._database = database
        self._gateways = gateways
        self._settler = settler
        self._refunder = refunder
        self._interval = interval

    async def run(self) -> None:
        """Reconcile until cancelled."""
        await every(self._interval.total_seconds(), "reconcile", self.reconcile)

    async def reconcile(self) -> None:
        """Do one round: what is due, then what the gateways list, then refunds."""
        while due := await self._claim():
            await self._for_each(due, self._settle)
            if len(due) < MAX_ROWS:
                break
        for gateway in self._gateways.by_provider.values():
            await self._for_each(await self._unverified(gateway), self._settle)
        async with self._database.system() as connection:
            refunds = await refund_queries.due_refunds(connection, MAX_ROWS)
        await self._for_each(refunds, self._refunder.refund)

    async def _claim(self) -> list[UUID]:
        async with self._database.system() as connection:
            return list(await queries.claim_settlements(connection, MAX_ROWS, LEASE))

    async def _settle(self, payment_id: UUID) -> None:
        await self._settler.settle(payment_id, is_genuine=False)

    async def _for_each(
        self, payment_ids: Iterable[UUID], act: Callable[[UUID], Awaitable[object]]
    ) -> None:
        limit = asyncio.Semaphore(CONCURRENCY)

        async def one(payment_id: UUID) -> None:
            async with limit:
                try:
                    await act(payment_id)
                except Exception:  # the others must still have their turn
                    log.exception("reconcile_failed", payment_id=str(payment_id))

        await asyncio.gather(*(one(payment_id) for payment_id in payment_ids))

    async def _unverified(self, gateway: Gateway) -> list[UUID]:
        """Find our payments in the gateway's list, when it is our turn to read it."""
        async with self._database.system() as connection:
            is_ours = await queries.claim_unverified_list(
                connection, gateway.provider, self._interval * LIST_PAUSE
            )
        held = await _listed(gateway) if is_ours else []
        if not held:
            return []
        authorities = [payment.authority for payment in held]
        async with self._database.system() as connection:
            return list(
                await queries.match_unverified(
                    connection, gateway.provider, authorities
                )
            )


async def _listed(gateway: Gateway) -> list[Unverified]:
    answer = await insist(
        gateway.list_unverified, unknown=None, is_unknown=lambda held: held is None
    )
    return list(answer or [])
