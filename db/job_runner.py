"""`make jobs`: run the jobs of `app.jobs` on time, where there is no pg_cron.

Any number of runners may be started: a session-level advisory lock makes one of them
the leader, and another takes over when its session ends. Schedules are in UTC, as
pg_cron reads them. However many runs of a job were missed, it is made up for once.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

import psycopg
import structlog
from cronsim import CronSim, CronSimError
from psycopg.rows import class_row

# Says "jobs of Vetline" among the advisory locks of the database.
_LOCK = "vetline:jobs"
# How long a changed schedule, or a dead leader, may go unnoticed.
_LOOK_AGAIN = timedelta(seconds=15)
_RETRY_SECONDS = 1.0

log = structlog.get_logger()


@dataclass(frozen=True)
class Job:
    """A row of `app.jobs`, when it ran last, and the database's idea of now."""

    name: str
    schedule: str
    last_started: datetime | None
    now: datetime

    def due(self) -> datetime:
        """Return when it is to run next; the past means that it is late.

        Raises:
            CronSimError: the schedule makes no sense.
        """
        if self.last_started is None:
            return self.now
        return next(CronSim(self.schedule, self.last_started))


def run_forever(url: str) -> None:
    """Run jobs until interrupted, over as many connections as it takes."""
    while True:
        try:
            with psycopg.connect(
                url, autocommit=True, application_name="vetline-jobs"
            ) as connection:
                _become_leader(connection)
                while True:
                    time.sleep(run_due_jobs(connection).total_seconds())
        except psycopg.OperationalError as error:
            log.warning("database_lost", error=str(error).strip())
            time.sleep(_RETRY_SECONDS)


def run_due_jobs(connection: psycopg.Connection) -> timedelta:
    """Run each job that is due, once, and return how long to wait afterwards.

    Args:
        connection: in autocommit mode, logged in as job_runner, and the leader.
    """
    pause = _LOOK_AGAIN
    for job in _read_jobs(connection):
        try:
            wait = job.due() - job.now
        except CronSimError as error:
            log.error("bad_schedule", job=job.name, error=str(error))
            continue
        if wait <= timedelta(0):
            _run(connection, job.name)
            wait = timedelta(0)  # look again at once: time has passed
        pause = min(pause, wait)
    return pause


def _become_leader(connection: psycopg.Connection) -> None:
    query = "select pg_try_advisory_lock(hashtextextended(%s, 0))"
    while connection.execute(query, [_LOCK]).fetchone() != (True,):
        time.sleep(_LOOK_AGAIN.total_seconds())
    log.info("leading")


def _read_jobs(connection: psycopg.Connection) -> list[Job]:
    cursor = connection.cursor(row_factory=class_row(Job))
    return cursor.execute(
        """
        select j.name, j.schedule, r.started_at as last_started,
               clock_timestamp() as now
        from app.jobs j
        left join app.last_job_runs r using (name)
        where j.is_active
        order by j.name
        """
    ).fetchall()


def _run(connection: psycopg.Connection, name: str) -> None:
    """Run one job and record how it went; its failure is not ours."""
    run_id = _call(connection, "select app.start_job_run(%s)", name)
    rows, error = 0, None
    try:
        # A batch a transaction, so that no lock is held for long.
        while batch := _call(connection, "select app.run_job(%s)", name):
            rows += batch
    except KeyboardInterrupt:  # by then the statement has been cancelled
        error = "stopped with the runner"
        raise
    except psycopg.Error as failure:
        if connection.closed:
            raise
        error = str(failure).strip()
    finally:
        if not connection.closed:
            connection.execute(
                "select app.finish_job_run(%s, %s, %s)", [run_id, rows, error]
            )
            log.info("job_ran", job=name, rows=rows, error=error)


def _call(connection: psycopg.Connection, query: LiteralString, name: str) -> int:
    row = connection.execute(query, [name]).fetchone()
    return int(row[0]) if row else 0


def main() -> int:
    """Run the jobs of the database that DATABASE_URL names; 0 when told to stop."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(),
        ]
    )
    url = os.environ.get("DATABASE_URL")
    if not url:
        print("DATABASE_URL is not set", file=sys.stderr)
        return 1
    # An interrupt is what psycopg cancels a running statement for.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        run_forever(url)
    except KeyboardInterrupt:
        log.info("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
