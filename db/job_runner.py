"""`make jobs`: run the jobs of `app.jobs` on time, where there is no pg_cron.

Any number of runners may be started: a session-level advisory lock makes one of them
the leader, and another takes over when its session ends. Schedules are in UTC, as
pg_cron reads them. However many runs of a job were missed, it is made up for once.

This module only decides when. The work, its batches and its record are the database's
(`app.run_scheduled_job`), which also sees to it that no run happens twice, should
pg_cron run the same jobs.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
import structlog
from cronsim import CronSim, CronSimError
from psycopg.conninfo import make_conninfo
from psycopg.rows import class_row

# Says "jobs of Vetline" among the advisory locks of the database.
_LOCK = "vetline:jobs"
# How long a changed schedule, or a dead leader, may go unnoticed.
_LOOK_AGAIN = timedelta(seconds=10)
# Between two looks: time passes while jobs run, and a job may be running elsewhere.
_PAUSE = timedelta(seconds=1)
_CONNECTION = {
    "application_name": "vetline-jobs",
    # A leader that lost the network without a word must not wait for ever.
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
}
_BEFORE_ALL_TIME = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)

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

        A job that has never run is late. One whose schedule names no day that exists
        (30 February) is never due.

        Raises:
            CronSimError: the schedule makes no sense.
        """
        if self.last_started is None:
            return _BEFORE_ALL_TIME
        return next(CronSim(self.schedule, self.last_started.astimezone(UTC)), _NEVER)


def run_forever(url: str) -> None:
    """Run jobs until interrupted, over as many connections as it takes."""
    conninfo = make_conninfo(url, **_CONNECTION)
    while True:
        try:
            with psycopg.connect(conninfo, autocommit=True) as connection:
                connection.add_notice_handler(_log_notice)
                _become_leader(connection)
                while True:
                    time.sleep(run_due_jobs(connection).total_seconds())
        except psycopg.Error as error:
            log.warning("database_failed", error=str(error).strip())
            time.sleep(_PAUSE.total_seconds())


def run_due_jobs(connection: psycopg.Connection) -> timedelta:
    """Run each job that is due, the most overdue first; return how long to wait then.

    Args:
        connection: in autocommit mode, logged in as job_runner, and the leader.
    """
    pause = _LOOK_AGAIN
    jobs = [(due, job) for job in _read_jobs(connection) if (due := _due(job))]
    for due, job in sorted(jobs, key=lambda pair: pair[0]):
        if due <= job.now:
            log.info("job_due", job=job.name)
            connection.execute("call app.run_scheduled_job(%s, %s)", [job.name, due])
        pause = min(pause, max(_PAUSE, due - job.now))
    return pause


def _due(job: Job) -> datetime | None:
    """Return when the job is due; None, and a line in the log, when nobody can tell."""
    try:
        return job.due()
    except CronSimError as error:
        log.error("bad_schedule", job=job.name, error=str(error))
        return None


def _log_notice(notice: psycopg.errors.Diagnostic) -> None:
    log.warning("database_says", message=notice.message_primary)


def _become_leader(connection: psycopg.Connection) -> None:
    # Asked again and again: a statement that waited would hold back vacuum.
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
        """
    ).fetchall()


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
