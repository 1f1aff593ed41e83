"""Real connections that act at the same moment, without a single sleep for luck.

A contestant's transaction stays open after its step until the referee sees that every
contestant has either finished its step or waits for somebody's lock. That is the widest
race there is: whatever could interleave has interleaved.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Barrier, Event
from time import monotonic, sleep
from typing import Any

import psycopg

from tests.support.database import Connection, Database, value

Step = Callable[[Connection], Any]

_PATIENCE = 60  # seconds, after which a race is stuck
_BLOCKED = """
    select exists (
        select from pg_stat_activity where pid = %(pid)s and wait_event_type = 'Lock')
"""


@dataclass(frozen=True)
class Outcome:
    """What became of a contestant: an answer, or an error."""

    answer: Any = None
    error: psycopg.Error | None = None

    @property
    def code(self) -> str:
        """`OK`, the code of `app.fail`, or PostgreSQL's SQLSTATE."""
        if self.error is None:
            return "OK"
        if self.error.sqlstate != "PGRST":
            return self.error.sqlstate or "?"
        body = self.error.diag.message_primary or ""
        return body.split('"code": "')[1].split('"')[0]


def race(database: Database, steps: Sequence[Step]) -> list[Outcome]:
    """Run each step in a transaction of its own connection, all at once.

    Args:
        database: where.
        steps: one a contestant.

    Returns:
        The outcomes, in the order of the steps.
    """
    connections = [database.connect() for _ in steps]
    pids = [conn.info.backend_pid for conn in connections]
    start, finish = Barrier(len(steps)), Event()
    done = [Event() for _ in steps]

    def contest(index: int) -> Outcome:
        try:
            with connections[index] as conn, conn.transaction():
                start.wait(_PATIENCE)
                answer = steps[index](conn)
                done[index].set()
                finish.wait(_PATIENCE)
        except psycopg.Error as error:
            return Outcome(error=error)
        finally:
            done[index].set()
        return Outcome(answer=answer)

    with watching(database) as referee, ThreadPoolExecutor(len(steps)) as pool:
        futures = [pool.submit(contest, index) for index in range(len(steps))]
        try:
            for pid, event in zip(pids, done, strict=True):
                until_done_or_blocked(referee, pid, event)
        finally:
            finish.set()
        return [future.result(_PATIENCE) for future in futures]


@contextmanager
def watching(database: Database) -> Iterator[Connection]:
    """Lend the superuser's connection: others don't see what a backend waits for."""
    with database.connect(autocommit=True) as conn:
        conn.execute("set role none")
        yield conn


def until_done_or_blocked(referee: Connection, pid: int, done: Event) -> None:
    """Return when the backend has done its step or waits for a lock."""
    deadline = monotonic() + _PATIENCE
    while not (done.is_set() or value(referee, _BLOCKED, pid=pid)):
        assert monotonic() < deadline, "neither done nor blocked"
        sleep(0.002)


@dataclass(frozen=True)
class Follower:
    """Somebody who acts while another transaction is still open."""

    conn: Connection
    future: "Future[Outcome]"

    def result(self) -> Outcome:
        """Wait for the end of it, after the other transaction has ended."""
        outcome = self.future.result(_PATIENCE)
        self.conn.close()
        return outcome


def follow(database: Database, pool: ThreadPoolExecutor, step: Step) -> Follower:
    """Run a step in another connection; return once it is done or waits for a lock."""
    conn = database.connect(autocommit=True)
    done = Event()

    def act() -> Outcome:
        try:
            return Outcome(answer=step(conn))
        except psycopg.Error as error:
            return Outcome(error=error)
        finally:
            done.set()

    future = pool.submit(act)
    with watching(database) as referee:
        until_done_or_blocked(referee, conn.info.backend_pid, done)
    return Follower(conn, future)
