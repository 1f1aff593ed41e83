"""The job runner against the real tables, with jobs of the tests' own."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import psycopg
import pytest

from db import job_runner
from db.job_runner import Job, run_due_jobs
from stack.settings import ROOT
from tests.db.app.jobs.own_jobs import add_job, add_run, count_runs
from tests.support.database import Connection, Database, one, rows, value
from tests.support.waiting import wait_until

pytestmark = pytest.mark.once

# When


def test_a_job_is_due_at_the_next_time_of_its_schedule() -> None:
    ran = datetime(2026, 3, 20, 23, 58, 59, tzinfo=UTC)
    now = ran + timedelta(minutes=5)
    assert Job("a:b", "*/5 * * * *", ran, now).due() == ran.replace(
        day=21, hour=0, minute=0, second=0
    )


def test_a_job_that_never_ran_is_late() -> None:
    now = datetime(2026, 3, 20, 12, tzinfo=UTC)
    assert Job("a:b", "0 3 * * *", None, now).due() < now


def test_schedules_are_in_utc_whatever_the_connection_says() -> None:
    tehran = timezone(timedelta(hours=3, minutes=30))
    ran = datetime(2026, 3, 20, 23, 0, tzinfo=tehran)
    due = Job("a:b", "0 20 * * *", ran, ran).due()
    assert due == datetime(2026, 3, 20, 20, 0, tzinfo=UTC)


# What


def test_a_new_job_runs_at_once_until_all_is_done(
    keeper: Connection, runner: psycopg.Connection
) -> None:
    add_job(keeper, "test:take", "app.take_two")
    keeper.execute("insert into app.work select generate_series(1, 5)")
    assert run_due_jobs(runner) == timedelta(seconds=1)
    run = one(keeper, "select * from app.job_runs")
    assert (run["job_name"], run["rows"], run["error"]) == ("test:take", 5, None)
    assert run_due_jobs(runner) > timedelta(seconds=1)
    assert count_runs(keeper) == 1


def test_missed_runs_are_made_up_for_once(
    keeper: Connection, runner: psycopg.Connection
) -> None:
    add_job(keeper, "test:take", "app.take_two", "0 3 * * *")
    add_run(keeper, "test:take", "10 days")
    run_due_jobs(runner)
    run_due_jobs(runner)
    assert count_runs(keeper) == 2


def test_an_inactive_job_does_not_run(
    keeper: Connection, runner: psycopg.Connection
) -> None:
    add_job(keeper, "test:take", "app.take_two")
    keeper.execute("update app.jobs set is_active = false")
    run_due_jobs(runner)
    assert count_runs(keeper) == 0


def test_a_failure_is_recorded_and_the_others_run(
    keeper: Connection, runner: psycopg.Connection
) -> None:
    add_job(keeper, "test:a-fails", "app.fail_here")
    add_job(keeper, "test:b-takes", "app.take_two")
    run_due_jobs(runner)
    errors = {
        run["job_name"]: run["error"] for run in rows(keeper, "table app.job_runs")
    }
    assert errors["test:a-fails"].startswith("the moon is in the wrong house")
    assert errors["test:b-takes"] is None


def test_a_schedule_that_makes_no_sense_stops_no_other(
    keeper: Connection, runner: psycopg.Connection
) -> None:
    keeper.execute("alter table app.jobs drop constraint jobs_schedule_check")
    for name, schedule in (("test:a", "every day"), ("test:b", "0 0 30 2 *")):
        add_job(keeper, name, "app.take_two", schedule)
        add_run(keeper, name, "99 days")
    add_job(keeper, "test:c", "app.take_two")
    run_due_jobs(runner)
    names = [run["job_name"] for run in rows(keeper, "table app.job_runs")]
    assert sorted(names) == ["test:a", "test:b", "test:c"]


def test_a_job_that_takes_too_long_stops_no_other(
    keeper: Connection, runner: psycopg.Connection
) -> None:
    add_job(keeper, "test:sleeps", "app.sleep_long")
    runner.execute("set statement_timeout = '100ms'")
    run_due_jobs(runner)
    assert "statement timeout" in value(keeper, "select error from app.job_runs")
    add_job(keeper, "test:takes", "app.take_two")
    run_due_jobs(runner)
    query = "select error from app.job_runs where job_name = 'test:takes'"
    assert value(keeper, query) is None


def test_a_job_that_runs_elsewhere_is_not_waited_for(
    keeper: Connection, runner: psycopg.Connection
) -> None:
    for name in ("test:busy", "test:takes"):
        add_job(keeper, name, "app.take_two")
        add_run(keeper, name, "10 days")
    keeper.execute("select pg_advisory_lock(app.job_lock('test:busy'))")
    assert run_due_jobs(runner) == timedelta(seconds=1)
    names = [run["job_name"] for run in rows(keeper, "table app.job_runs")]
    assert sorted(names) == ["test:busy", "test:takes", "test:takes"]


# Who


def test_a_second_runner_waits_until_the_leader_is_gone(
    fresh_db: Database, runner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_runner, "_LOOK_AGAIN", timedelta(milliseconds=20))
    job_runner._become_leader(runner)
    with psycopg.connect(fresh_db.url("job_runner"), autocommit=True) as second:
        waiting = threading.Thread(target=job_runner._become_leader, args=[second])
        waiting.start()
        waiting.join(0.2)
        assert waiting.is_alive()
        runner.close()
        waiting.join(10)
        assert not waiting.is_alive()


@pytest.mark.parametrize("guarded", [True, False])
def test_each_due_run_happens_once_though_two_notice_it(
    fresh_db: Database, keeper: Connection, guarded: bool
) -> None:
    """Even without a leader: as when pg_cron runs beside a runner."""
    names = [f"test:job-{letter}" for letter in "abcdefghij"]
    for name in names:
        add_job(keeper, name, "app.take_two")
    if not guarded:
        _start_runs_unguarded(keeper)
    together = threading.Barrier(2)

    def run_each() -> None:
        with psycopg.connect(fresh_db.url("job_runner"), autocommit=True) as conn:
            jobs = job_runner._read_jobs(conn)
            together.wait()
            for job in jobs:
                query = "call app.run_scheduled_job(%s, %s)"
                conn.execute(query, [job.name, job.due()])

    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(run_each) for _ in range(2)]:
            future.result(60)
    assert count_runs(keeper) == len(names) * (1 if guarded else 2)


def _start_runs_unguarded(keeper: Connection) -> None:
    """Take away what makes a run happen once, to see that the test would notice."""
    keeper.execute("drop index app.job_runs_running_key")
    keeper.execute(
        """
        create or replace function app.start_job_run(name text, due_at timestamptz)
        returns bigint language sql security definer as $$
            insert into app.job_runs (job_name) values (name) returning id
        $$
        """
    )


# The process


@contextmanager
def runner_process(url: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the job runner as `make jobs` does."""
    environment = os.environ | {"DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "db.job_runner"]
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, env=environment, stdout=output, stderr=output
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a runner to end, which it does soon and without complaint."""
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


def test_of_two_runners_one_leads(
    fresh_db: Database, keeper: Connection, tmp_path: Path
) -> None:
    for letter in "abcde":
        add_job(keeper, f"test:{letter}", "app.take_two")
    url, logs = fresh_db.url("job_runner"), [tmp_path / "one", tmp_path / "two"]
    with runner_process(url, logs[0]) as one_, runner_process(url, logs[1]) as other:
        connected = """
            select count(*) from pg_stat_activity
            where application_name = 'vetline-jobs' and datname = current_database()
        """
        wait_until(lambda: value(keeper, connected) == 2)
        ended = "select count(*) from app.job_runs where ended_at is not null"
        wait_until(lambda: value(keeper, ended) == 5)
        stop(one_)
        stop(other)
    assert count_runs(keeper) == 5
    assert sum(log.read_text().count('"job_due"') for log in logs) == 5


def test_a_job_is_cancelled_and_recorded_when_the_runner_is_stopped(
    fresh_db: Database, keeper: Connection, tmp_path: Path
) -> None:
    add_job(keeper, "test:sleep", "app.sleep_long")
    with runner_process(fresh_db.url("job_runner"), tmp_path / "log") as process:
        wait_until(lambda: count_runs(keeper) == 1)
        stop(process)
    run = one(keeper, "select * from app.job_runs")
    assert run["error"] == "canceling statement due to user request"
    assert run["ended_at"] is not None


def test_the_runner_outlives_its_sessions(
    fresh_db: Database, keeper: Connection, tmp_path: Path
) -> None:
    """A restart of the database ends them, also in the middle of a job."""
    add_job(keeper, "test:sleep", "app.sleep_long")
    log = tmp_path / "log"
    with runner_process(fresh_db.url("job_runner"), log) as process:
        wait_until(lambda: count_runs(keeper) == 1)
        add_job(keeper, "test:take", "app.take_two")
        with psycopg.connect(fresh_db.url(), autocommit=True) as superuser:
            superuser.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where application_name = 'vetline-jobs'"
                " and datname = current_database()"
            )
        wait_until(lambda: log.read_text().count('"leading"') == 2)
        wait_until(lambda: count_runs(keeper) == 2)
        stop(process)
    assert "database_failed" in log.read_text()


def test_the_runner_waits_for_a_database_that_is_not_there_yet(
    fresh_db: Database, tmp_path: Path
) -> None:
    url = fresh_db.url("job_runner").replace(fresh_db.name, "test_not_there")
    log = tmp_path / "log"
    with runner_process(url, log) as process:
        wait_until(lambda: "database_failed" in log.read_text())
        assert process.poll() is None
        stop(process)
