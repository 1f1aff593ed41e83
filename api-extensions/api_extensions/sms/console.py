"""The provider of a development run: prints messages instead of sending them."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import structlog

from api_extensions.sms.provider import Delivery, Message, NotSent, Sent

log = structlog.get_logger()


class ConsoleProvider:
    """Implements `provider.SmsProvider` with a log line."""

    name = "console"
    is_repeatable = True
    delivery_batch = 0

    async def __aenter__(self) -> Self:
        """Need nothing."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hold nothing."""

    async def send(self, message: Message) -> Sent | NotSent:
        """Print the message; the log masks the mobile like everywhere else."""
        log.info("sms_printed", recipient=message.recipient, body=message.body)
        return Sent(provider_message_id=f"console-{message.number}")

    async def deliveries(self, ids: Sequence[str]) -> Mapping[str, Delivery]:  # noqa: ARG002
        """Know nothing about anybody's eyes."""
        return {}
