"""The outbox's worker: claims messages with a lease, sends them, records the end.

Any number may run; what a dead worker had claimed is claimed again after its lease.
"""

import asyncio
import os
import socket
import uuid
from datetime import timedelta

import structlog

from api_extensions import backoff
from api_extensions.db import Database
from api_extensions.sms import queries
from api_extensions.sms.provider import (
    FailureKind,
    Message,
    NotSent,
    Sent,
    SmsProvider,
)
from api_extensions.trace import Trace, tracing

log = structlog.get_logger()

# Seconds between polls: notifications are hints, and retries fall due silently.
POLL_INTERVAL = 5.0
# A provider gets this long (seconds); well inside the lease, so that nobody else sends.
SEND_TIMEOUT = 20.0
LEASE = timedelta(seconds=60)
# First and longest pause (seconds) before a retry, and how many tries a message gets:
# with these a provider may be down for about six hours.
RETRY_BASE, RETRY_CAP, MAX_ATTEMPTS = 5.0, 3600.0, 15


class SmsWorker:
    """Sends what is queued, at most so many messages at a time."""

    name = "sms"

    def __init__(
        self,
        database: Database,
        provider: SmsProvider,
        *,
        max_in_flight: int,
        heard: asyncio.Event,
    ) -> None:
        self._database = database
        self._provider = provider
        self._max_in_flight = max_in_flight
        self._heard = heard
        self._in_flight: set[asyncio.Task[None]] = set()
        self._identity = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"

    async def run(self) -> None:
        """Send until cancelled; then finish what is being sent.

        Raises:
            psycopg.Error: when claiming fails; `background.keep_running` goes on.
        """
        try:
            while True:
                self._heard.clear()
                if not await self._claim_and_start():
                    await self._wait_for_work()
        finally:
            if self._in_flight:
                await asyncio.wait(self._in_flight, timeout=SEND_TIMEOUT)

    async def _claim_and_start(self) -> bool:
        """Start sending what is due; tell whether anything may be left."""
        room = self._max_in_flight - len(self._in_flight)
        if room <= 0:
            await asyncio.wait(self._in_flight, return_when=asyncio.FIRST_COMPLETED)
            return True
        async with self._database.system() as connection:
            messages = await queries.claim(
                connection, worker=self._identity, max_rows=room, lease=LEASE
            )
        for message in messages:
            task = asyncio.create_task(self._deliver(message))
            self._in_flight.add(task)
            task.add_done_callback(self._in_flight.discard)
        return len(messages) == room

    async def _wait_for_work(self) -> None:
        try:
            async with asyncio.timeout(POLL_INTERVAL):
                await self._heard.wait()
        except TimeoutError:
            pass

    async def _deliver(self, message: Message) -> None:
        """Send one message and record what came of it."""
        with tracing(Trace(f"sms-{message.number}")):
            try:
                answer = await self._send(message)
                await self._record(message, answer)
            except Exception:  # the lease brings the message back
                log.exception("sms_failed", message_id=str(message.id))

    async def _send(self, message: Message) -> Sent | NotSent:
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                return await self._provider.send(message)
        except TimeoutError:
            return NotSent(FailureKind.UNKNOWN, "the provider did not answer in time")

    async def _record(self, message: Message, answer: Sent | NotSent) -> None:
        async with self._database.system() as connection:
            if isinstance(answer, Sent):
                is_ours = await queries.finish(
                    connection,
                    message.id,
                    worker=self._identity,
                    provider=self._provider.name,
                    provider_message_id=answer.provider_message_id,
                )
            elif is_final(answer, message.attempts):
                is_ours = await queries.fail(
                    connection, message.id, worker=self._identity, error=answer.error
                )
            else:
                is_ours = await queries.retry(
                    connection,
                    message.id,
                    worker=self._identity,
                    error=answer.error,
                    delay=retry_delay(message.attempts),
                )
        if not is_ours:
            log.warning("sms_claim_lost", message_id=str(message.id))


def is_final(failure: NotSent, attempts: int) -> bool:
    """Tell whether a message is given up after this failure."""
    return failure.kind is FailureKind.PERMANENT or attempts >= MAX_ATTEMPTS


def retry_delay(attempts: int) -> timedelta:
    """Give the pause before the next try of a message."""
    seconds = backoff.delay(attempts, base=RETRY_BASE, cap=RETRY_CAP)
    return timedelta(seconds=seconds)
