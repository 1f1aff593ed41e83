"""A gateway whose questions are counted and timed for the monitor."""

from collections.abc import Sequence
from uuid import UUID

from api_extensions.metrics.counts import gateway_call
from api_extensions.payments.gateway import (
    Accepted,
    Gateway,
    InquiryStatus,
    Order,
    Refused,
    Reversal,
    Unverified,
    Verdict,
)


class MeasuredGateway:
    """Implements `gateway.Gateway` by asking another one."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self.provider = gateway.provider

    async def request(self, order: Order) -> Accepted | Refused:
        """See `Gateway`."""
        with gateway_call(self.provider, "request") as call:
            answer = await self._gateway.request(order)
            call.outcome = "ACCEPTED"
            if isinstance(answer, Refused):
                call.outcome = answer.outcome
        return answer

    def pay_url(self, payment_id: UUID, authority: str) -> str:
        """See `Gateway`."""
        return self._gateway.pay_url(payment_id, authority)

    async def verify(self, authority: str, *, toman: int, rials: int) -> Verdict:
        """See `Gateway`."""
        with gateway_call(self.provider, "verify") as call:
            verdict = await self._gateway.verify(authority, toman=toman, rials=rials)
            call.outcome = verdict.outcome
        return verdict

    async def inquiry(self, authority: str) -> InquiryStatus:
        """See `Gateway`."""
        with gateway_call(self.provider, "inquiry") as call:
            status = await self._gateway.inquiry(authority)
            call.outcome = status
        return status

    async def list_unverified(self) -> Sequence[Unverified] | None:
        """See `Gateway`."""
        with gateway_call(self.provider, "list_unverified") as call:
            held = await self._gateway.list_unverified()
            call.outcome = "UNKNOWN" if held is None else "LISTED"
        return held

    async def reverse(self, authority: str) -> Reversal:
        """See `Gateway`."""
        with gateway_call(self.provider, "reverse") as call:
            reversal = await self._gateway.reverse(authority)
            refusal = "UNKNOWN" if reversal.code is None else "REFUSED"
            call.outcome = "REVERSED" if reversal.is_done else refusal
        return reversal

    async def close(self) -> None:
        """See `Gateway`."""
        await self._gateway.close()
