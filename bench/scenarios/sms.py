"""How many messages a second leave the outbox; whether the database is the limit."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import psycopg
from dotenv import dotenv_values

from api_extensions.background import running
from api_extensions.db import Database
from api_extensions.sms.provider import Delivery, Message, NotSent, Sent
from api_extensions.sms.worker import SmsWorker
from bench.figures import Figure, Report, at_least, exactly
from bench.stage import Stage, settings_of
from fakes import kavenegar
from fakes.kavenegar.server import API_KEY
from fakes.serving import serving
from stack.background import System, running_system

MESSAGES, IN_FLIGHT, LEAST = 5000, 64, 1000
_QUEUE = """
insert into app.sms_messages (event, subject, recipient, body)
select 'BENCH', %(round)s || n, '09121234567', 'سلام ' || n
from generate_series(1, %(count)s) n
"""
_LEFT = "select count(*) from app.sms_messages where status = 'QUEUED'"


class Instant:
    """A provider that takes no time at all: what is left is ours."""

    name = "instant"
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
        """Take the message."""
        return Sent(str(message.number))

    async def deliveries(self, ids: Sequence[str]) -> Mapping[str, Delivery]:
        """Know nothing."""
        return dict.fromkeys(ids, Delivery.PENDING)


def measure(_: Stage) -> Report:
    """Measure on a system of its own, whose sidecar leaves the outbox alone."""
    with running_system(RUN_WORKERS="false") as system:
        instant = asyncio.run(_with_instant(system))
        books = kavenegar.Books()
        with serving(kavenegar.create_app(books)) as url:
            fake = _with_workers(system, url)
        doubles = len(books.records) - MESSAGES - 1
    return Report(
        [
            Figure(
                "to a provider that takes no time, one worker",
                (instant,),
                "/s",
                at_least(LEAST),
            ),
            Figure("to a fake of Kavenegar, two workers", (fake,), "/s"),
            Figure("sent twice", (float(doubles),), "", exactly(0)),
        ]
    )


async def _with_instant(system: System) -> float:
    """Send with a worker in this process; returns messages a second."""
    pool = Database(settings_of(system))
    await pool.open()
    worker = SmsWorker(pool, Instant(), max_in_flight=IN_FLIGHT, heard=asyncio.Event())
    await asyncio.to_thread(_queue, system, "instant")
    started = time.perf_counter()
    async with running([worker]):
        await asyncio.to_thread(_wait, system)
    seconds = time.perf_counter() - started
    await pool.close()
    return MESSAGES / seconds


def _with_workers(system: System, provider_url: str) -> float:
    """Send with two processes to the fake; returns messages a second."""
    path = system.run_dir / "sidecar.env"
    environment = {k: v for k, v in dotenv_values(path).items() if v}
    sms = {
        "SMS_PROVIDER": "kavenegar",
        "SMS_API_KEY": API_KEY,
        "SMS_BASE_URL": provider_url,
        "SMS_MAX_IN_FLIGHT": str(IN_FLIGHT),
    }
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "api_extensions.worker"],
            env={**os.environ, **environment, **sms},
            stdout=subprocess.DEVNULL,
        )
        for _ in range(2)
    ]
    try:
        _queue(system, "warm-up", count=1)
        _wait(system)
        _queue(system, "fake")
        started = time.perf_counter()
        _wait(system)
        return MESSAGES / (time.perf_counter() - started)
    finally:
        for worker in workers:
            worker.terminate()
            worker.wait()


def _queue(system: System, name: str, count: int = MESSAGES) -> None:
    with psycopg.connect(system.database_url) as connection:
        connection.execute(_QUEUE, {"round": name, "count": count})


def _wait(system: System) -> None:
    """Look again and again until everything is sent."""
    with psycopg.connect(system.database_url, autocommit=True) as connection:
        while connection.execute(_LEFT).fetchone() != (0,):
            time.sleep(0.02)
