"""The outbox's worker: claims messages with a lease, sends them, records the end.

Any number may run; what a dead worker had claimed is claimed again after its lease.
"""

import asyncio
import os
import socket
import uuid

import structlog

from api_extensions import backoff
from api_extensions.background import is_cancelled
from api_extensions.db import Database
from api_extensions.metrics.counts import sms_send
from api_extensions.settings import UnknownPolicy
from api_extensions.sms import queries
from api_extensions.sms.outcomes import LEASE, Fate, fate_of
from api_extensions.sms.provider import (
    FailureKind,
    Message,
    NotSent,
    Sent,
    SmsProvider,
)
from api_extensions.sms.recorder import Recorder
from api_extensions.trace import Trace, tracing

log = structlog.get_logger()

# Seconds between polls: notifications are hints, and retries fall due silently.
POLL_INTERVAL = 5.0
# Longer than any provider's own time-out (seconds), and well inside the lease.
SEND_TIMEOUT = 25.0
# When as many messages in a row got no answer as are sent at a time, the provider is
# down: these pauses (seconds) keep the queue from using up its tries meanwhile.
REST_BASE, REST_CAP = 0.5, 30.0

_DIED_WITH_IT = NotSent(
    FailureKind.UNKNOWN, "a worker died with it: it may have been sent"
)


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
        unknown: UnknownPolicy = UnknownPolicy.RETRY,
    ) -> None:
        self._database = database
        self._provider = provider
        self._max_in_flight = max_in_flight
        self._heard = heard
        self._unknown = unknown
        self._in_flight: set[asyncio.Task[None]] = set()
        self._unanswered = 0
        self._identity = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._recorder = Recorder(database, provider, worker=self._identity)

    async def run(self) -> None:
        """Send until cancelled; then finish what is being sent.

        Raises:
            psycopg.Error: when claiming fails; `background.keep_running` goes on.
        """
        async with self._provider:
            try:
                async with self._database.system() as connection:
                    await queries.probe(connection)
                while not is_cancelled():
                    self._heard.clear()
                    await self._rest()
                    if not await self._claim_and_start():
                        await self._wait_for_work()
            finally:
                if self._in_flight:
                    await asyncio.wait(self._in_flight, timeout=SEND_TIMEOUT)

    async def _rest(self) -> None:
        """Pause while the provider is down."""
        streak = self._unanswered - self._max_in_flight
        if streak >= 0:
            rounds = streak // self._max_in_flight + 1
            await asyncio.sleep(backoff.delay(rounds, base=REST_BASE, cap=REST_CAP))

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
                answer = await self._answer_for(message)
                if not await self._record(message, answer):
                    log.warning("sms_claim_lost", message_id=str(message.id))
            except Exception:  # the lease brings the message back
                log.exception("sms_failed", message_id=str(message.id))

    async def _answer_for(self, message: Message) -> Sent | NotSent:
        """Send the message, unless it must not be risked to send it again."""
        if message.is_taken_over and self._fate(message, _DIED_WITH_IT) is Fate.FAIL:
            return _DIED_WITH_IT
        with sms_send(self._provider.name) as call:
            answer = await self._send(message)
            call.outcome = "SENT" if isinstance(answer, Sent) else answer.kind
        self._note(answer)
        return answer

    async def _send(self, message: Message) -> Sent | NotSent:
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                return await self._provider.send(message)
        except TimeoutError:
            error = "the provider did not answer in time"
            return NotSent(FailureKind.UNKNOWN, error)

    def _note(self, answer: Sent | NotSent) -> None:
        """Count failures in a row that say that the provider is down."""
        is_unanswered = isinstance(answer, NotSent) and answer.kind in {
            FailureKind.TRANSIENT,
            FailureKind.UNKNOWN,
        }
        self._unanswered = self._unanswered + 1 if is_unanswered else 0

    async def _record(self, message: Message, answer: Sent | NotSent) -> bool:
        if isinstance(answer, Sent):
            return await self._recorder.sent(message, answer)
        fate = self._fate(message, answer)
        return await self._recorder.not_sent(message, answer.error, fate)

    def _fate(self, message: Message, failure: NotSent) -> Fate:
        return fate_of(
            failure,
            attempts=message.attempts,
            is_repeatable=self._provider.is_repeatable,
            unknown=self._unknown,
        )
