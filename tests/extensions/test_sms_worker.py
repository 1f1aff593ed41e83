"""The outbox's worker on a real outbox: nothing is lost, and nothing sent twice."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from api_extensions.background import running
from api_extensions.db import Database as Pool
from api_extensions.sms import queries, worker
from api_extensions.sms.listener import Listener
from api_extensions.sms.provider import FailureKind, Message, NotSent, Sent
from api_extensions.sms.worker import SmsWorker
from tests.extensions.conftest import Load
from tests.support.database import Database, rows

Outcome = Sent | NotSent | Exception


class Scripted:
    """A provider that gives the outcomes it was told to, then takes everything."""

    name = "scripted"

    def __init__(self, *outcomes: Outcome) -> None:
        self._outcomes = list(outcomes)
        self._in_flight = 0
        self.most_in_flight = 0
        self.bodies: list[str] = []

    async def send(self, message: Message) -> Sent | NotSent:
        """Note the message and give the next outcome."""
        self.bodies.append(message.body)
        self._in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._in_flight)
        await asyncio.sleep(0)  # lets the others in, as a network would
        self._in_flight -= 1
        outcome = self._outcomes.pop(0) if self._outcomes else Sent(f"p-{message.body}")
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


class Outbox:
    """The outbox of a test's own database, and workers on it."""

    def __init__(self, database: Database, load: Load) -> None:
        self._database = database
        self._settings = load(DATABASE_URL=database.url("sidecar"))

    def queue(self, count: int = 1) -> None:
        """Queue messages whose bodies are their numbers."""
        with self._database.connect() as conn:
            conn.execute(
                "insert into app.sms_messages (event, subject, recipient, body)"
                " select 'test', n::text, '09121234567', n::text"
                " from generate_series(1, %s) n",
                [count],
            )

    def messages(self) -> list[dict[str, Any]]:
        """Give all messages, in the order in which they were queued."""
        with self._database.connect() as conn:
            return rows(conn, "select * from app.sms_messages order by number")

    def claim(self, *, lease: timedelta) -> None:
        """Claim everything as a worker that then dies."""

        async def play() -> None:
            pool = Pool(self._settings)
            await pool.open()
            async with pool.system() as connection:
                await queries.claim(
                    connection, worker="dead", max_rows=100, lease=lease
                )
            await pool.close()

        asyncio.run(play())

    def work(
        self,
        providers: Sequence[Scripted],
        until: Callable[[], bool],
        start: Callable[[], None] = lambda: None,
    ) -> None:
        """Run a worker for each provider until something is so.

        Args:
            providers: one for each worker.
            until: looked at again and again.
            start: done once the workers are running.
        """

        async def play() -> None:
            pool, heard = Pool(self._settings), asyncio.Event()
            await pool.open()
            workers = [
                SmsWorker(pool, provider, max_in_flight=4, heard=heard)
                for provider in providers
            ]
            url = self._settings.database_url.get_secret_value()
            async with running([Listener(url, heard), *workers]):
                await asyncio.to_thread(start)
                await asyncio.to_thread(wait, until)
            await pool.close()

        asyncio.run(play())

    def is_over(self) -> bool:
        """Tell whether there are messages and none of them is queued."""
        statuses = {message["status"] for message in self.messages()}
        return bool(statuses) and "QUEUED" not in statuses


def wait(until: Callable[[], bool]) -> None:
    """Look again and again; the test's time-out bounds it."""
    while not until():
        time.sleep(0.01)


@pytest.fixture
def outbox(fresh_db: Database, load: Load, monkeypatch: pytest.MonkeyPatch) -> Outbox:
    """An empty outbox; polls and retries follow quickly."""
    monkeypatch.setattr(worker, "POLL_INTERVAL", 0.02)
    monkeypatch.setattr(worker, "RETRY_BASE", 0.01)
    return Outbox(fresh_db, load)


def test_a_notification_wakes_the_worker(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "POLL_INTERVAL", 3600.0)
    outbox.work([Scripted()], outbox.is_over, start=outbox.queue)
    (message,) = outbox.messages()
    assert (message["status"], message["attempts"]) == ("SENT", 1)
    assert (message["provider"], message["provider_message_id"]) == ("scripted", "p-1")


@pytest.mark.parametrize(
    "kind", [FailureKind.TRANSIENT, FailureKind.UNKNOWN, FailureKind.CONFIGURATION]
)
def test_a_passing_failure_is_tried_again(outbox: Outbox, kind: FailureKind) -> None:
    outbox.queue()
    failures = [NotSent(kind, "later")] * 2
    outbox.work([Scripted(*failures)], outbox.is_over)
    (message,) = outbox.messages()
    assert (message["status"], message["attempts"]) == ("SENT", 3)
    assert message["error"] is None


def test_a_permanent_failure_ends_a_message_with_its_reason(outbox: Outbox) -> None:
    outbox.queue()
    provider = Scripted(NotSent(FailureKind.PERMANENT, "no such number"))
    outbox.work([provider], outbox.is_over)
    (message,) = outbox.messages()
    assert (message["status"], message["error"]) == ("FAILED", "no such number")
    assert provider.bodies == ["1"]


def test_too_many_tries_end_a_message(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "MAX_ATTEMPTS", 2)
    outbox.queue()
    failures = [NotSent(FailureKind.TRANSIENT, "busy")] * 9
    outbox.work([Scripted(*failures)], outbox.is_over)
    (message,) = outbox.messages()
    assert (message["status"], message["attempts"]) == ("FAILED", 2)


def test_what_a_dead_worker_claimed_is_taken_over(outbox: Outbox) -> None:
    outbox.queue()
    outbox.claim(lease=timedelta(milliseconds=50))
    outbox.work([Scripted()], outbox.is_over)
    (message,) = outbox.messages()
    assert (message["status"], message["attempts"]) == ("SENT", 2)


def test_what_a_live_worker_claimed_is_left_alone(outbox: Outbox) -> None:
    outbox.queue()
    outbox.claim(lease=timedelta(hours=1))
    provider, looks = Scripted(), iter(range(20))
    outbox.work([provider], lambda: next(looks, None) is None)
    assert provider.bodies == []


def test_a_provider_that_breaks_does_not_stop_the_others(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LEASE", timedelta(seconds=1))
    outbox.queue(5)
    provider = Scripted(RuntimeError("bug"))
    outbox.work([provider], outbox.is_over)
    assert {message["status"] for message in outbox.messages()} == {"SENT"}
    assert len(provider.bodies) == 6  # the broken one again, when its lease had ended


def test_workers_share_the_queue_and_keep_to_their_limit(outbox: Outbox) -> None:
    outbox.queue(60)
    providers = [Scripted(), Scripted(), Scripted()]
    outbox.work(providers, outbox.is_over)
    sent = [body for provider in providers for body in provider.bodies]
    assert sorted(sent, key=int) == [str(n) for n in range(1, 61)]
    assert 1 < max(provider.most_in_flight for provider in providers) <= 4
