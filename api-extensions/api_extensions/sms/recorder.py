"""Writes down what came of messages: many at once, and in spite of a lost database.

A message that was sent and not written down is sent again after its lease, so the
recorder tries for as long as the lease lasts.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

import psycopg
import structlog

from api_extensions import backoff
from api_extensions.db import Connection, Database
from api_extensions.sms import outcomes, queries
from api_extensions.sms.outcomes import LEASE, Fate
from api_extensions.sms.provider import Message, Sent, SmsProvider

log = structlog.get_logger()
Result = TypeVar("Result")
Batch = dict[UUID, tuple[Sent, asyncio.Future[bool]]]

# Pauses (seconds) between tries to reach the database.
AGAIN_BASE, AGAIN_CAP = 0.2, 5.0


class Recorder:
    """Records for one worker."""

    def __init__(
        self, database: Database, provider: SmsProvider, *, worker: str
    ) -> None:
        self._database = database
        self._provider = provider
        self._worker = worker
        self._waiting: Batch = {}
        self._flush: asyncio.Task[None] | None = None

    async def not_sent(self, message: Message, error: str, fate: Fate) -> bool:
        """Put a message back or give it up; return whether it was ours.

        Raises:
            psycopg.OperationalError: the database was away for a whole lease.
        """
        act = {
            Fate.FAIL: self._fail,
            Fate.PAUSE: self._pause,
            Fate.RENUMBER: self._renumber,
            Fate.RETRY: self._retry,
        }[fate]
        return await self._insist(lambda connection: act(connection, message, error))

    async def sent(self, message: Message, answer: Sent) -> bool:
        """Record a message as sent, with those that wait; return whether it was ours.

        Raises:
            psycopg.OperationalError: the database was away for a whole lease.
        """
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting[message.id] = (answer, done)
        if self._flush is None or self._flush.done():
            self._flush = asyncio.create_task(self._flush_all())
        return await done

    async def _flush_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, {}
            await self._flush_batch(batch)

    async def _flush_batch(self, batch: Batch) -> None:
        try:
            ours = await self._insist(
                lambda connection: self._finish(connection, batch)
            )
        except Exception as error:  # those who wait have to hear of it
            for done in _still_waiting(batch).values():
                done.set_exception(error)
        else:
            for message_id, done in _still_waiting(batch).items():
                done.set_result(message_id in ours)

    async def _insist(self, work: Callable[[Connection], Awaitable[Result]]) -> Result:
        """Do a transaction; again and again while the database is away."""
        failures = 0
        give_up_at = asyncio.get_running_loop().time() + LEASE.total_seconds()
        while True:
            try:
                async with self._database.system() as connection:
                    return await work(connection)
            except psycopg.OperationalError:
                if asyncio.get_running_loop().time() > give_up_at:
                    raise
                failures += 1
                log.warning("sms_not_recorded_yet", failures=failures)
            await asyncio.sleep(backoff.delay(failures, base=AGAIN_BASE, cap=AGAIN_CAP))

    async def _finish(self, connection: Connection, batch: Batch) -> set[UUID]:
        sent = {
            message_id: answer.provider_message_id
            for message_id, (answer, _) in batch.items()
        }
        return await queries.finish(
            connection,
            sent,
            worker=self._worker,
            provider=self._provider.name,
            can_report=self._provider.delivery_batch > 0,
        )

    async def _fail(self, connection: Connection, message: Message, error: str) -> bool:
        return await queries.fail(
            connection, message.id, worker=self._worker, error=error
        )

    async def _pause(
        self, connection: Connection, message: Message, error: str
    ) -> bool:
        log.error("sms_paused", provider=self._provider.name, reason=error)
        return await queries.pause(
            connection,
            message.id,
            worker=self._worker,
            provider=self._provider.name,
            error=error,
        )

    async def _renumber(
        self, connection: Connection, message: Message, error: str
    ) -> bool:
        log.warning("sms_renumbered", reason=error)
        return await queries.renumber(connection, message.id, worker=self._worker)

    async def _retry(
        self, connection: Connection, message: Message, error: str
    ) -> bool:
        return await queries.retry(
            connection,
            message.id,
            worker=self._worker,
            error=error,
            delay=outcomes.retry_delay(message.attempts),
        )


def _still_waiting(batch: Batch) -> dict[UUID, asyncio.Future[bool]]:
    """Return those who were not cancelled, as at a worker's end: they can't be told."""
    return {
        message_id: done for message_id, (_, done) in batch.items() if not done.done()
    }
