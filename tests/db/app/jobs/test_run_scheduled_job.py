"""app.run_scheduled_job: what pg_cron and the runner call."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from tests.db.app.jobs.own_jobs import add_job, add_run, count_runs
from tests.db.helpers import forbidden
from tests.support.database import Connection, Database, one, rows, value
from tests.support.roles import as_role
from tests.support.waiting import wait_until

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def run(
    runner: psycopg.Connection, name: str, due_at: datetime | None = LONG_AGO
) -> None:
    """Run a job as the runner does, or without a time as pg_cron does."""
    if due_at:
        runner.execute("call app.run_scheduled_job(%s, %s)", [name, due_at])
    else:
        runner.execute("call app.run_scheduled_job(%s)", [name])


def test_a_run_goes_on_until_nothing_is_left_a_batch_a_transaction(
    keeper: Connection, runner: psycopg.Connection
) -> None:
    add_job(keeper, "test:take", "app.take_two")
    keeper.execute("insert into app.work select generate_series(1, 5)")
    run(runner, "test:take")
    recorded = one(keeper, "select * from app.job_runs")
    assert (recorded["rows"], recorded["error"]) == (5, None)
    assert recorded["ended_at"] >= recorded["started_at"]
    batches = one(
        keeper,
        "select count(*) as batches, count(distinct xid) as xids from app.batches",
    )
    assert batches == {"batches": 4, "xids": 4}


def test_a_failure_is_recorded_and_said_and_loses_no_earlier_batch(
    keeper: Connection, runner: psycopg.Connection
) -> None:
    add_job(keeper, "test:take", "app.take_two")
    keeper.execute("insert into app.work values (1), (2), (3)")
    keeper.execute(
        "alter table app.batches add check (xid <> '0'), add n serial check (n < 3)"
    )
    said: list[str | None] = []
    runner.add_notice_handler(lambda notice: said.append(notice.message_primary))
    run(runner, "test:take")
    recorded = one(keeper, "select * from app.job_runs")
    assert recorded["rows"] == 3
    assert "batches_n_check" in recorded["error"]
    assert said == [f"The job test:take failed: {recorded['error']}"]
    assert value(keeper, "select count(*) from app.work") == 0


def test_a_run_that_has_begun_since_it_was_due_is_not_repeated(
    keeper: Connection, runner: psycopg.Connection
) -> None:
    add_job(keeper, "test:take", "app.take_two")
    add_run(keeper, "test:take", "5 minutes")
    now: datetime = value(keeper, "select clock_timestamp()")
    run(runner, "test:take", now - timedelta(minutes=6))
    assert count_runs(keeper) == 1
    run(runner, "test:take", now - timedelta(minutes=4))
    assert count_runs(keeper) == 2
    run(runner, "test:take", now - timedelta(minutes=4))
    assert count_runs(keeper) == 2


def test_pg_cron_s_run_is_the_one_of_this_minute(
    keeper: Connection, runner: psycopg.Connection
) -> None:
    add_job(keeper, "test:take", "app.take_two")
    add_run(keeper, "test:take", "1 minute")
    run(runner, "test:take", None)
    assert count_runs(keeper) == 2


def test_a_job_runs_in_one_session_at_a_time(
    fresh_db: Database, keeper: Connection, runner: psycopg.Connection
) -> None:
    add_job(keeper, "test:take", "app.take_two")
    with fresh_db.connect("job_runner", autocommit=True) as other:
        query = "select app.start_job_run('test:take', %(due_at)s) as id"
        run_id = value(other, query, due_at=LONG_AGO)
        later = value(keeper, "select clock_timestamp()")
        run(runner, "test:take", later)
        assert count_runs(keeper) == 1
        rows(other, "select app.finish_job_run(%(id)s, 7)", id=run_id)
        run(runner, "test:take", later)
    recorded = rows(keeper, "select rows from app.job_runs order by id")
    assert recorded == [{"rows": 7}, {"rows": 0}]


def test_a_run_whose_session_was_lost_is_said_to_be(
    fresh_db: Database, keeper: Connection, runner: psycopg.Connection
) -> None:
    add_job(keeper, "test:take", "app.take_two")
    with fresh_db.connect("job_runner", autocommit=True) as lost:
        rows(lost, f"select app.start_job_run('test:take', '{LONG_AGO}')")
        backend = lost.info.backend_pid
    alive = f"select count(*) from pg_stat_activity where pid = {backend}"
    wait_until(lambda: value(keeper, alive) == 0)
    run(runner, "test:take", value(keeper, "select clock_timestamp()"))
    recorded = rows(keeper, "select ended_at, error from app.job_runs order by id")
    assert recorded[0]["error"] == "The session that ran it was lost."
    assert recorded[0]["ended_at"] is not None
    assert recorded[1]["error"] is None


@pytest.mark.parametrize("change", ["is_active = false", "name = 'test:other'"])
def test_a_job_that_is_inactive_or_gone_does_not_run(
    keeper: Connection, runner: psycopg.Connection, change: str
) -> None:
    add_job(keeper, "test:take", "app.take_two")
    keeper.execute(f"update app.jobs set {change}".encode())
    run(runner, "test:take")
    assert count_runs(keeper) == 0
    locks = "select count(*) from pg_locks where locktype = 'advisory'"
    assert value(keeper, f"{locks} and pid = {runner.info.backend_pid}") == 0


def test_a_function_that_does_not_exist_is_recorded_as_an_error(
    keeper: Connection, runner: psycopg.Connection
) -> None:
    add_job(keeper, "test:typo", "app.tkae_two")
    run(runner, "test:typo")
    assert "tkae_two" in one(keeper, "select error from app.job_runs")["error"]


def test_the_history_of_a_job_goes_with_it(keeper: Connection) -> None:
    add_job(keeper, "test:take", "app.take_two")
    add_run(keeper, "test:take", "1 day")
    keeper.execute("delete from app.jobs")
    assert count_runs(keeper) == 0


@pytest.mark.parametrize("role", ["anon", "app_user", "app_admin", "sidecar"])
def test_only_the_job_runner_may_run_jobs(db: Connection, role: str) -> None:
    with forbidden(), as_role(db, role):
        rows(db, "call app.run_scheduled_job('sessions:prune')")
