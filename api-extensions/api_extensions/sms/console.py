"""The provider of a development run: prints messages instead of sending them."""

import structlog

from api_extensions.sms.provider import Message, NotSent, Sent

log = structlog.get_logger()


class ConsoleProvider:
    """Implements `provider.SmsProvider` with a log line."""

    name = "console"

    async def send(self, message: Message) -> Sent | NotSent:
        """Print the message; the log masks the mobile like everywhere else."""
        log.info("sms_printed", recipient=message.recipient, body=message.body)
        return Sent(provider_message_id=f"console-{message.number}")
