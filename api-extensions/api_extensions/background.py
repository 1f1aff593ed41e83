"""Loops that go on for as long as the process does, whatever happens to one round."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

import psycopg
import structlog

from api_extensions import backoff
from api_extensions.trace import Trace, new_id, tracing

log = structlog.get_logger()

# Pauses (seconds) between restarts of a loop that failed, such as without a database.
RESTART_BASE, RESTART_CAP = 0.5, 15.0
# A loop that ran this long (seconds) before it failed starts counting afresh.
HEALTHY_AFTER = 60.0


class Worker(Protocol):
    """Something to keep running until it is cancelled."""

    name: str

    async def run(self) -> None:
        """Work until cancelled; an exception means: start me again."""


def is_cancelled() -> bool:
    """Tell whether the current task was cancelled; every endless loop has to ask.

    The exception alone may get lost: `asyncio.wait_for`, by which the pool waits, drops
    it before Python 3.12 when what it waits for comes in the same moment
    (https://github.com/python/cpython/issues/86296).
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def keep_running(worker: Worker) -> None:
    """Run a worker, and start it again after every failure, with growing pauses."""
    failures = 0
    while not is_cancelled():
        started = asyncio.get_running_loop().time()
        try:
            await worker.run()
        except psycopg.OperationalError as error:
            log.warning("database_lost", worker=worker.name, reason=str(error))
        except Exception:  # one fault must not end the work for ever
            log.exception("worker_failed", worker=worker.name)
        if asyncio.get_running_loop().time() - started > HEALTHY_AFTER:
            failures = 0
        failures += 1
        await asyncio.sleep(backoff.delay(failures, base=RESTART_BASE, cap=RESTART_CAP))


async def every(
    interval: float, name: str, round_of_work: Callable[[], Awaitable[None]]
) -> None:
    """Do a round of work, pause, and so on; each round is a trace of its own.

    Args:
        interval: the pause in seconds; some jitter keeps replicas apart.
        name: goes before the round's request id.
        round_of_work: a failure of one is logged, and the next comes in its time.
    """
    while not is_cancelled():
        with tracing(Trace(f"{name}-{new_id()}")):
            try:
                await round_of_work()
            except Exception:  # the next round may find things better
                log.exception("round_failed", worker=name)
        await asyncio.sleep(backoff.delay(1, base=interval, cap=interval))


@asynccontextmanager
async def running(workers: Sequence[Worker]) -> AsyncIterator[None]:
    """Keep the workers running during the body of an `async with`, then stop them."""
    tasks = [asyncio.create_task(keep_running(worker)) for worker in workers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
