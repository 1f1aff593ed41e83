"""SMS.ir, version 1: https://sms.ir/developer-web-service/rest-api/.

It has no key for de-duplication: after a time-out nobody can say whether a message was
sent, and SMS_UNKNOWN decides.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from pydantic import SecretStr

from api_extensions.sms import smsir_codes as codes
from api_extensions.sms.provider import (
    Delivery,
    FailureKind,
    Message,
    NotSent,
    Sent,
)
from api_extensions.sms.transport import Reply, Transport, without_envelope

BASE_URL = "https://api.sms.ir"
# How many questions about deliveries are asked at a time; each is about one message.
CONCURRENCY = 4
# In place of an id, for a recipient who blocks advertisements.
_BLACKLISTED = 0


class SmsirProvider:
    """Implements `provider.SmsProvider`."""

    name = "smsir"
    is_repeatable = False
    delivery_batch = 40

    def __init__(
        self, *, key: SecretStr, line: int, base_url: str, timeout: timedelta
    ) -> None:
        """Prepare to send.

        Args:
            key: the account's.
            line: the number to send from.
            base_url: without a path.
            timeout: for one question.
        """
        self._root = f"{base_url}/v1/send"
        self._line = line
        self._transport = Transport(
            timeout=timeout,
            headers={"X-API-KEY": key.get_secret_value()},
            reuses_connections=False,
        )

    async def __aenter__(self) -> Self:
        """Open connections."""
        await self._transport.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close them."""
        await self._transport.close()

    async def send(self, message: Message) -> Sent | NotSent:
        """Send one message."""
        content = {
            "lineNumber": self._line,
            "messageText": message.body,
            "mobiles": [message.recipient],
            "sendDateTime": None,
        }
        data = await self._ask("POST", "bulk", content)
        return data if isinstance(data, NotSent) else _sent(data)

    async def deliveries(self, ids: Sequence[str]) -> Mapping[str, Delivery]:
        """Say where messages are, a question for each."""
        limit = asyncio.Semaphore(CONCURRENCY)
        answers = await asyncio.gather(*(self._delivery(id_, limit) for id_ in ids))
        return {
            id_: delivery
            for id_, delivery in zip(ids, answers, strict=True)
            if delivery is not None
        }

    async def _delivery(
        self, message_id: str, limit: asyncio.Semaphore
    ) -> Delivery | None:
        async with limit:
            data = await self._ask("GET", message_id)
        if isinstance(data, NotSent):
            return None
        state = data.get("deliveryState") or 0
        return codes.DELIVERIES.get(state, Delivery.PENDING)

    async def _ask(
        self, method: str, path: str, content: Mapping[str, Any] | None = None
    ) -> Mapping[str, Any] | NotSent:
        url = f"{self._root}/{path}"
        reply = await self._transport.ask(method, url, content=content)
        return reply if isinstance(reply, NotSent) else _data(reply)


def _data(reply: Reply) -> Mapping[str, Any] | NotSent:
    """Open the envelope first: the HTTP status says less than its code."""
    code = reply.body.get("status") if reply.body else None
    if reply.body is None or not isinstance(code, int):
        return without_envelope(reply.status)
    if code == codes.OK:
        data = reply.body.get("data")
        return data if isinstance(data, dict) else {}
    unheard_of = (FailureKind.UNKNOWN, "an undocumented code")
    kind, meaning = codes.RESULTS.get(code, unheard_of)
    return NotSent(kind, f"{code}: {meaning}")


def _sent(data: Mapping[str, Any]) -> Sent | NotSent:
    """Read the one id; success as a whole does not mean that it is one."""
    ids = data.get("messageIds")
    if not isinstance(ids, list) or len(ids) != 1:
        return NotSent(FailureKind.UNKNOWN, "success without a message id")
    if ids[0] is None:
        return NotSent(FailureKind.PERMANENT, "the mobile or the text is not valid")
    if ids[0] == _BLACKLISTED:
        return NotSent(FailureKind.PERMANENT, "the recipient blocks advertisements")
    return Sent(provider_message_id=str(ids[0]))
