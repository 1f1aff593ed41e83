"""Giving money back: reversed by the gateway while it can, else by hand.

Like `settle`: one transaction takes a lease, the gateway is asked with nothing locked,
another transaction records. The gateway is always asked first where the money is, so
that nothing goes back twice, whoever died on the way.
"""

import asyncio
from datetime import timedelta
from uuid import UUID

import structlog

from api_extensions.db import Database
from api_extensions.payments import refund_queries as queries
from api_extensions.payments.ask import CALL_TIMEOUT
from api_extensions.payments.gateway import (
    Gateway,
    Gateways,
    InquiryStatus,
    Reversal,
)
from api_extensions.payments.refund_queries import DueRefund, Ending
from api_extensions.tokens import Caller

log = structlog.get_logger()

# At most three questions of CALL_TIMEOUT each: inside the lease, and nginx's patience.
LEASE = timedelta(seconds=60)
# An admin whose colleague is faster looks again this often, every so many seconds.
BUSY_LOOKS, BUSY_PAUSE = 80, 0.25

_IN_HAND = {InquiryStatus.PAID, InquiryStatus.VERIFIED}


class Refunder:
    """Gives back what is due, once."""

    def __init__(self, database: Database, gateways: Gateways) -> None:
        self._database = database
        self._gateways = gateways

    async def refund(
        self,
        payment_id: UUID,
        *,
        reference: str | None = None,
        amount_toman: int | None = None,
        caller: Caller | None = None,
    ) -> bool:
        """Give a payment back as far as that can be done now.

        Args:
            payment_id: a payment; nothing happens unless a refund of it is due.
            reference: of the transfer that an admin has made by hand. Without one the
                gateway is asked to reverse, inside its window.
            amount_toman: of that transfer; without one it was of what is due.
            caller: the admin, for the audit log.

        Returns:
            Whether the gateway has still to say something. Only when not may an admin
            transfer what is due.

        Raises:
            psycopg.Error: when the database fails; the lease, if taken, runs out.
        """
        for _ in range(BUSY_LOOKS if caller else 1):
            async with self._database.system() as connection:
                refund = await queries.begin_refund(
                    connection, payment_id, LEASE, is_by_hand=reference is not None
                )
            if refund.action == "ask":
                ending = await self._give_back(refund, reference, amount_toman)
                async with self._database.recording_for(caller) as connection:
                    await queries.finish_refund(
                        connection, payment_id, refund.lease_token, ending
                    )
                log.info("refund", payment_id=str(payment_id), status=ending.status)
                return ending.is_open
            if refund.action != "busy":
                return False
            await asyncio.sleep(BUSY_PAUSE)
        return True

    async def _give_back(
        self, refund: DueRefund, reference: str | None, amount_toman: int | None
    ) -> Ending:
        gateway = self._gateways.by_provider.get(refund.provider)
        where = await _inquire(gateway, refund.authority)
        if where is InquiryStatus.REVERSED:
            return Ending("REVERSED")
        if reference is not None:
            # Perhaps the gateway has reversed it: then a transfer would be too much.
            is_safe = where in _IN_HAND or not refund.is_doubtful
            if not is_safe:
                return Ending("DUE", is_open=True)
            return Ending("TRANSFERRED", reference, amount_toman=amount_toman)
        if gateway is None or where not in _IN_HAND:
            doubt = bool(refund.is_doubtful)
            return Ending(
                "DUE", is_doubtful=doubt, is_open=doubt or bool(refund.is_reversible)
            )
        if not refund.is_reversible:
            return Ending("DUE", is_doubtful=False)
        return await _ask_to_reverse(gateway, refund.authority)


async def _ask_to_reverse(gateway: Gateway, authority: str) -> Ending:
    """Ask once; afterwards it counts where the money is."""
    reversal = await _reverse(gateway, authority)
    if reversal.is_done:
        return Ending("REVERSED")
    where = await _inquire(gateway, authority)
    if where is InquiryStatus.REVERSED:
        return Ending("REVERSED")
    # A refusal alone proves nothing: -61 is also said of what has gone back already.
    code = reversal.code if where in _IN_HAND else None
    return Ending("DUE", gateway_code=code, is_open=code is None)


async def _inquire(gateway: Gateway | None, authority: str) -> InquiryStatus:
    if gateway is None:  # switched off since
        return InquiryStatus.UNKNOWN
    try:
        async with asyncio.timeout(CALL_TIMEOUT):
            return await gateway.inquiry(authority)
    except TimeoutError:
        return InquiryStatus.UNKNOWN


async def _reverse(gateway: Gateway, authority: str) -> Reversal:
    try:
        async with asyncio.timeout(CALL_TIMEOUT):
            return await gateway.reverse(authority)
    except TimeoutError:
        return Reversal(is_done=False)
