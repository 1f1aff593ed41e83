"""Asks the provider where sent messages are, until they arrived or are two days old."""

from collections.abc import Mapping, Sequence

import structlog

from api_extensions.background import every, is_cancelled
from api_extensions.db import Database
from api_extensions.sms import queries
from api_extensions.sms.provider import Delivery, SmsProvider
from api_extensions.sms.queries import SentMessage

log = structlog.get_logger()

# Seconds between rounds; how soon a message is due again, the database says.
INTERVAL = 30.0


class DeliveryPoller:
    """Asks about what is due. Any number may run: each takes other messages."""

    name = "sms-deliveries"

    def __init__(self, database: Database, provider: SmsProvider) -> None:
        self._database = database
        self._provider = provider

    async def run(self) -> None:
        """Ask until cancelled."""
        async with self._provider:
            await every(INTERVAL, self.name, self.poll)

    async def poll(self) -> None:
        """Do one round: batch after batch, until nothing more is due."""
        size = self._provider.delivery_batch
        while not is_cancelled():
            async with self._database.system() as connection:
                due = await queries.due_deliveries(
                    connection, provider=self._provider.name, max_rows=size
                )
            if not due:
                return
            ids = [message.provider_message_id for message in due]
            await self._record(due, await self._provider.deliveries(ids))

    async def _record(
        self, due: Sequence[SentMessage], known: Mapping[str, Delivery]
    ) -> None:
        found = [
            (message.id, known[message.provider_message_id])
            for message in due
            if message.provider_message_id in known
        ]
        async with self._database.system() as connection:
            ended = await queries.record_deliveries(connection, found)
        log.info("sms_deliveries", asked=len(due), answered=len(found), ended=ended)
