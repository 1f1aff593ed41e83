"""Reconciliation: finds by itself what no callback told. Any number may run."""

import asyncio
from uuid import UUID

import structlog

from api_extensions.background import every
from api_extensions.db import Database
from api_extensions.payments import queries
from api_extensions.payments.gateway import Gateways
from api_extensions.payments.settle import Settler

log = structlog.get_logger()

# Seconds between rounds; payments asked about in one; and how many at a time.
INTERVAL, MAX_ROWS, CONCURRENCY = 60.0, 200, 5


class Reconciler:
    """Settles, every minute, what is open, and what the gateways hold as unverified."""

    name = "reconciliation"

    def __init__(
        self, database: Database, gateways: Gateways, settler: Settler
    ) -> None:
        self._database = database
        self._gateways = gateways
        self._settler = settler

    async def run(self) -> None:
        """Reconcile until cancelled."""
        await every(INTERVAL, "reconcile", self.reconcile)

    async def reconcile(self) -> None:
        """Do one round."""
        async with self._database.system() as connection:
            due = list(await queries.due_settlements(connection, MAX_ROWS))
        for payment_id in await self._unverified():
            if payment_id not in due:
                due.append(payment_id)
        limit = asyncio.Semaphore(CONCURRENCY)
        await asyncio.gather(*(self._settle(payment_id, limit) for payment_id in due))

    async def _settle(self, payment_id: UUID, limit: asyncio.Semaphore) -> None:
        async with limit:
            try:
                await self._settler.settle(payment_id, is_genuine=False)
            except Exception:  # the others must still be asked about
                log.exception("settle_failed", payment_id=str(payment_id))

    async def _unverified(self) -> list[UUID]:
        """Find our payments among those that the gateways hold as unverified."""
        found: list[UUID] = []
        for gateway in self._gateways.by_provider.values():
            for held in await gateway.list_unverified():
                async with self._database.system() as connection:
                    payment = await queries.find_payment(
                        connection, authority=held.authority, nonce=""
                    )
                if payment is None:
                    log.warning("unknown_authority", provider=gateway.provider)
                else:
                    found.append(payment.payment_id)
        return found
