"""The job runner against the real tables, with jobs of the tests' own."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from db import job_runner
from db.job_runner import Job, run_due_jobs
from db.tools import source
from db.tools.scratch import scratch_server
from stack.settings import ROOT
from tests.stack.launcher import wait_until
from tests.support.database import Connection, Database, one, rows, value

TAKE_TWO = """
create function app.take_two() returns bigint language sql as $$
    with taken as (
        delete from app.work where n in (select n from app.work limit 2) returning n
    )
    select count(*) from taken
$$
"""
FAIL = """
create function app.fail_here() returns bigint language plpgsql as $$
begin
    raise exception 'the moon is in the wrong house';
end
$$
"""
SLEEP = """
create function app.sleep_long() returns bigint language sql as $$
    select count(*) from pg_sleep(600)
$$
"""


@pytest.fixture
def owner(fresh_db: Database) -> Iterator[Connection]:
    """The tables' owner, in a database without jobs and with three functions."""
    with fresh_db.connect(autocommit=True) as connection:
        connection.execute("delete from app.jobs")
        connection.execute("create table app.work (n integer)")
        for function in (TAKE_TWO, FAIL, SLEEP):
            connection.execute(function.encode())
        yield connection


@pytest.fixture
def runner(fresh_db: Database) -> Iterator[psycopg.Connection]:
    """A connection such as the runner has."""
    with psycopg.connect(fresh_db.url("job_runner"), autocommit=True) as connection:
        yield connection


def add_job(
    owner: Connection, name: str, function: str, schedule: str = "0 3 * * *"
) -> None:
    """Add a job of the test."""
    owner.execute(
        "insert into app.jobs (name, schedule, function_name) values (%s, %s, %s)",
        [name, schedule, function],
    )


def add_run(owner: Connection, name: str, ago: str) -> None:
    """Pretend that a job has run."""
    owner.execute(
        "insert into app.job_runs (job_name, started_at, ended_at) "
        "values (%s, clock_timestamp() - %s::interval, clock_timestamp())",
        [name, ago],
    )


def count_runs(owner: Connection) -> int:
    """Return how many runs are recorded."""
    return int(value(owner, "select count(*) from app.job_runs"))


def test_a_new_job_runs_at_once_batch_by_batch_until_all_is_done(
    owner: Connection, runner: psycopg.Connection
) -> None:
    add_job(owner, "test:take", "app.take_two")
    owner.execute("insert into app.work select generate_series(1, 5)")
    assert run_due_jobs(runner) == timedelta(0)
    run = one(owner, "select * from app.job_runs")
    assert (run["job_name"], run["rows"], run["error"]) == ("test:take", 5, None)
    assert run["ended_at"] >= run["started_at"]
    assert run_due_jobs(runner) > timedelta(0)
    assert count_runs(owner) == 1


def test_missed_runs_are_made_up_for_once(
    owner: Connection, runner: psycopg.Connection
) -> None:
    add_job(owner, "test:take", "app.take_two", "0 3 * * *")
    add_run(owner, "test:take", "10 days")
    run_due_jobs(runner)
    run_due_jobs(runner)
    assert count_runs(owner) == 2


def test_a_job_is_due_at_the_next_time_of_its_schedule() -> None:
    ran = datetime(2026, 3, 20, 23, 58, 59, tzinfo=UTC)
    now = ran + timedelta(minutes=5)
    assert Job("a:b", "*/5 * * * *", ran, now).due() == ran.replace(
        day=21, hour=0, minute=0, second=0
    )
    assert Job("a:b", "0 3 * * *", None, now).due() == now


def test_an_inactive_job_does_not_run(
    owner: Connection, runner: psycopg.Connection
) -> None:
    add_job(owner, "test:take", "app.take_two")
    owner.execute("update app.jobs set is_active = false")
    run_due_jobs(runner)
    assert count_runs(owner) == 0


def test_a_failure_is_recorded_and_the_others_run(
    owner: Connection, runner: psycopg.Connection
) -> None:
    add_job(owner, "test:a-fails", "app.fail_here")
    add_job(owner, "test:b-takes", "app.take_two")
    run_due_jobs(runner)
    errors = {
        run["job_name"]: run["error"] for run in rows(owner, "table app.job_runs")
    }
    assert errors["test:a-fails"].startswith("the moon is in the wrong house")
    assert errors["test:b-takes"] is None


def test_a_schedule_that_makes_no_sense_is_skipped(
    owner: Connection, runner: psycopg.Connection
) -> None:
    add_job(owner, "test:a-bad", "app.take_two", "every day")
    add_run(owner, "test:a-bad", "1 day")
    add_job(owner, "test:b-good", "app.take_two")
    run_due_jobs(runner)
    names = [run["job_name"] for run in rows(owner, "table app.job_runs")]
    assert sorted(names) == ["test:a-bad", "test:b-good"]


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


def test_a_job_is_cancelled_and_recorded_when_the_runner_is_stopped(
    fresh_db: Database, owner: Connection, tmp_path: Path
) -> None:
    add_job(owner, "test:sleep", "app.sleep_long")
    with runner_process(fresh_db.url("job_runner"), tmp_path / "log") as process:
        wait_until(lambda: count_runs(owner) == 1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    run = one(owner, "select * from app.job_runs")
    assert run["error"] == "stopped with the runner"
    assert run["ended_at"] is not None
    sleeping = "select count(*) from pg_stat_activity where query ~ 'run_job'"
    wait_until(lambda: value(owner, f"{sleeping} and usename = 'job_runner'") == 0)


def test_the_runner_outlives_a_restart_of_the_database(tmp_path: Path) -> None:
    with scratch_server() as server, server.database("jobs") as name:
        with psycopg.connect(server.url(name)) as connection:
            source.load(connection)
        log = tmp_path / "log"
        with runner_process(server.url(name, "job_runner"), log) as process:
            wait_until(lambda: log.read_text().count('"leading"') == 1)
            server.cluster.stop()
            wait_until(lambda: "database_lost" in log.read_text())
            server.cluster.start(tmp_path / "postgres.log")
            wait_until(lambda: log.read_text().count('"leading"') == 2)
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
