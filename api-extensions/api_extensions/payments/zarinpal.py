"""Zarinpal's REST API, version 4: what it documents, and what it really answers.

The body counts, never the HTTP status alone: refusals have come with 200 and with 4xx.
Sources: zarinpal.com/docs/paymentGateway (connectToGateway, errorList, otherMethods,
moreFeatures) and the official PHP and Python SDKs.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard
from uuid import UUID

import aiohttp
import structlog
from pydantic import SecretStr
from yarl import URL

from api_extensions.db import Database
from api_extensions.payments.codes import SUCCESS, TRANSIENT, outcome_of
from api_extensions.payments.gateway import (
    Accepted,
    Gateway,
    InquiryStatus,
    Order,
    Outcome,
    Refused,
    Reversal,
    Unverified,
    Verdict,
)
from api_extensions.payments.zarinpal_reply import Reply, masked_card, read_reply
from api_extensions.settings import Settings

log = structlog.get_logger()

# Rials, said explicitly: verify and unVerified take and give bare numbers, and the rial
# is what the API means when nothing is said.
_CURRENCY = "IRR"
_DESCRIPTION = "مشاوره تلفنی دامپزشکی"  # at most 500 characters
_AUTHORITY_LENGTH = range(1, 65)  # documented: 36 letters and digits
_INQUIRY_STATUSES = {"IN_BANK", "PAID", "VERIFIED", "FAILED", "REVERSED"}


def build(settings: Settings, database: Database) -> Gateway | None:  # noqa: ARG001
    """Make it when a merchant id is configured."""
    if settings.zarinpal_merchant_id is None:
        return None
    return ZarinpalGateway(
        merchant_id=settings.zarinpal_merchant_id,
        base_url=settings.zarinpal_base_url,
        timeout=settings.gateway_timeout.total_seconds(),
    )


class ZarinpalGateway:
    """Implements `gateway.Gateway`. Repeating is left to those who ask."""

    provider = "ZARINPAL"

    def __init__(
        self, *, merchant_id: SecretStr, base_url: str, timeout: float
    ) -> None:
        self._merchant_id = merchant_id
        self._base = URL(base_url)
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._session: aiohttp.ClientSession | None = None

    async def request(self, order: Order) -> Accepted | Refused:
        """Open a payment (request.json)."""
        asked = {"amount": order.amount_rials, "currency": _CURRENCY}
        reply = await self._ask(
            "request",
            **asked,
            description=_DESCRIPTION,
            callback_url=order.callback_url,
            metadata={"mobile": order.mobile, "order_id": str(order.payment_id)},
        )
        authority = reply.data.get("authority")
        if reply.code == SUCCESS and _is_authority(authority):
            return Accepted(authority, asked, reply.raw)
        outcome = outcome_of(reply.code)
        if outcome is Outcome.PAID:  # it says yes, and not to what
            outcome = Outcome.UNKNOWN
        return Refused(outcome, asked, reply.raw)

    def pay_url(self, payment_id: UUID, authority: str) -> str:  # noqa: ARG002
        """Say where Zarinpal's page is."""
        return str(self._base / "pg" / "StartPay" / authority)

    async def verify(self, authority: str, *, toman: int, rials: int) -> Verdict:  # noqa: ARG002
        """Verify (verify.json): 100 the first time, 101 from then on, both paid."""
        reply = await self._ask("verify", amount=rials, authority=authority)
        outcome = outcome_of(reply.code)
        if outcome is not Outcome.PAID:
            return Verdict(outcome, raw_response=reply.raw)
        reference = reply.data.get("ref_id")
        return Verdict(
            outcome,
            # Never seen without one; the authority names the payment as well.
            ref_id=str(reference or authority),
            card_pan=masked_card(reply.data.get("card_pan")),
            raw_response=reply.raw,
        )

    async def inquiry(self, authority: str) -> InquiryStatus:
        """Ask where a payment stands (inquiry.json); never used instead of verify."""
        reply = await self._ask("inquiry", authority=authority)
        status = reply.data.get("status")
        if reply.code == SUCCESS and status in _INQUIRY_STATUSES:
            return InquiryStatus(status)
        if outcome_of(reply.code) is Outcome.MISCONFIGURED:
            return InquiryStatus.MISCONFIGURED
        return InquiryStatus.UNKNOWN

    async def list_unverified(self) -> Sequence[Unverified] | None:
        """List the latest hundred that were paid and not verified (unVerified.json)."""
        reply = await self._ask("unVerified")
        listed = reply.data.get("authorities")
        if reply.code != SUCCESS or not isinstance(listed, list):
            return None
        found = (item.get("authority") for item in listed if isinstance(item, dict))
        return [
            Unverified(authority) for authority in found if _is_authority(authority)
        ]

    async def reverse(self, authority: str) -> Reversal:
        """Give the money back (reverse.json): within half an hour of the payment."""
        reply = await self._ask("reverse", authority=authority)
        if reply.code == SUCCESS:
            return Reversal(is_done=True)
        is_known = reply.code is not None and reply.code not in TRANSIENT
        return Reversal(is_done=False, code=reply.code if is_known else None)

    async def close(self) -> None:
        """Close the connections."""
        if self._session:
            await self._session.close()

    async def _ask(self, operation: str, **fields: Any) -> Reply:
        """Put one question, once; whatever goes wrong is a reply without a code."""
        secret = self._merchant_id.get_secret_value()
        body = {"merchant_id": secret, **fields}
        try:
            status, text = await self._post(f"{operation}.json", body)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # Its text may quote the address; its kind says enough.
            log.warning(
                "zarinpal_silent", operation=operation, reason=type(error).__name__
            )
            return Reply(None, {}, {})
        reply = read_reply(text, secret=secret)
        if outcome_of(reply.code) is not Outcome.PAID:
            log.info(
                "zarinpal_refused",
                operation=operation,
                http_status=status,
                code=reply.code,
                validations=reply.validations,
            )
        return reply

    async def _post(self, name: str, body: Mapping[str, Any]) -> tuple[int, str]:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=self._timeout,
                headers={"Accept": "application/json", "User-Agent": "vetline"},
            )
        url = self._base / "pg" / "v4" / "payment" / name
        # A redirect would carry the merchant id to wherever it leads.
        async with self._session.post(
            url, json=body, allow_redirects=False
        ) as response:
            return response.status, await response.text("utf-8", errors="replace")


def _is_authority(value: object) -> TypeGuard[str]:
    return (
        isinstance(value, str)
        and value.isalnum()
        and value.isascii()
        and (len(value) in _AUTHORITY_LENGTH)
    )
