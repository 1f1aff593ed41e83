"""Kavenegar: https://kavenegar.com/rest.html.

`localid` makes sending repeatable: "if this localid exists among your sends, no
duplicate is sent and the record of that id is put in the output".
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from pydantic import SecretStr

from api_extensions.sms import kavenegar_codes as codes
from api_extensions.sms.provider import (
    Delivery,
    FailureKind,
    Message,
    NotSent,
    Sent,
)
from api_extensions.sms.transport import Reply, Transport, without_envelope

BASE_URL = "https://api.kavenegar.com"
# A mobile is the same in all its spellings from here on: 9121234567.
_NATIONAL_DIGITS = 10


class KavenegarProvider:
    """Implements `provider.SmsProvider`."""

    name = "kavenegar"
    is_repeatable = True
    delivery_batch = 500

    def __init__(
        self, *, key: SecretStr, sender: str | None, base_url: str, timeout: timedelta
    ) -> None:
        """Prepare to send.

        Args:
            key: the account's; goes into every path, and so into no log or exception.
            sender: one of the account's lines; its default line without one.
            base_url: without a path.
            timeout: for one question.
        """
        self._root = f"{base_url}/v1/{key.get_secret_value()}/sms"
        self._sender = {"sender": sender} if sender else {}
        self._transport = Transport(timeout=timeout)

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
        """Send one message, or learn that it was sent before."""
        form = {
            "receptor": message.recipient,
            "message": message.body,
            "localid": str(message.number),
        }
        entries = await self._ask("send", form | self._sender)
        if isinstance(entries, NotSent):
            return entries
        record = entries[0] if entries else {}
        if not record.get("messageid"):
            return NotSent(FailureKind.UNKNOWN, "200 without a message id")
        if not _is_for(message, record):
            error = f"localid {message.number} is another message's"
            return NotSent(FailureKind.NUMBER_TAKEN, error)
        return Sent(provider_message_id=str(record["messageid"]))

    async def deliveries(self, ids: Sequence[str]) -> Mapping[str, Delivery]:
        """Say where messages are; the provider knows them for 48 hours."""
        entries = await self._ask("status", {"messageid": ",".join(ids)})
        if isinstance(entries, NotSent):
            return {}
        return {
            str(entry.get("messageid")): codes.DELIVERIES.get(
                entry.get("status", 0), Delivery.PENDING
            )
            for entry in entries
        }

    async def _ask(
        self, method: str, form: Mapping[str, str]
    ) -> list[Mapping[str, Any]] | NotSent:
        url = f"{self._root}/{method}.json"
        reply = await self._transport.ask("POST", url, form=form)
        return reply if isinstance(reply, NotSent) else _entries(reply)


def _entries(reply: Reply) -> list[Mapping[str, Any]] | NotSent:
    """Open the envelope first: the HTTP status only repeats its code."""
    envelope = reply.body.get("return") if reply.body else None
    code = envelope.get("status") if isinstance(envelope, dict) else None
    if reply.body is None or not isinstance(code, int):
        return without_envelope(reply.status)
    if code == codes.OK:
        entries = reply.body.get("entries") or []
        return [entry for entry in entries if isinstance(entry, dict)]
    unheard_of = (FailureKind.UNKNOWN, "an undocumented code")
    kind, meaning = codes.RESULTS.get(code, unheard_of)
    return NotSent(kind, f"{code}: {meaning}")


def _is_for(message: Message, record: Mapping[str, Any]) -> bool:
    """Tell whether the record that a localid led to is this message's."""
    receptor = str(record.get("receptor") or message.recipient)
    return receptor[-_NATIONAL_DIGITS:] == message.recipient[-_NATIONAL_DIGITS:]
