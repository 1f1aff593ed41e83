"""`make cron` against a real pg_cron, which runs what was registered."""

from pathlib import Path

import psycopg
import pytest

from db import cron
from db.cron import CronError, register
from tests.support.database import Connection, Database, changed, one, rows, value
from tests.support.waiting import wait_until

SESSIONS = """
    with person as (
        insert into app.users (role, name, mobile)
        values ('USER', 'سارا احمدی', '09120000001') returning id
    )
    insert into app.sessions (user_id, expires_at)
    select id, now() - interval '2 days' from person, generate_series(1, 2500)
"""


def registered(database: Database) -> dict[str, dict[str, str]]:
    """Return pg_cron's jobs by name."""
    url = database.server.cluster.admin_url()
    with psycopg.connect(url, row_factory=psycopg.rows.dict_row) as conn:
        found = conn.execute("select * from cron.job").fetchall()
    return {job["jobname"]: job for job in found}


def active_jobs(conn: Connection) -> dict[str, str]:
    """Return the schedules by name, as the table has them."""
    found = rows(conn, "select name, schedule from app.jobs where is_active")
    return {row["name"]: row["schedule"] for row in found}


def test_every_active_job_is_registered_for_the_runners_role(
    cron_db: Database,
) -> None:
    names = register(cron_db.url("job_runner"))
    jobs = registered(cron_db)
    with cron_db.connect() as conn:
        schedules = active_jobs(conn)
    assert sorted(names) == sorted(jobs) == sorted(schedules)
    for name, job in jobs.items():
        assert job["schedule"] == schedules[name]
        assert job["command"] == f"call app.run_scheduled_job('{name}')"
        assert (job["username"], job["database"]) == ("job_runner", cron_db.name)
        assert job["active"]


def test_registering_again_updates_in_place_and_takes_away(cron_db: Database) -> None:
    url = cron_db.url("job_runner")
    register(url)
    before = registered(cron_db)
    with cron_db.connect() as conn:
        moved, gone, inactive, *_ = sorted(before)
        parameters = {"moved": moved, "gone": gone, "inactive": inactive}
        for statement in (
            "update app.jobs set schedule = '7 * * * *' where name = %(moved)s",
            "delete from app.jobs where name = %(gone)s",
            "update app.jobs set is_active = false where name = %(inactive)s",
        ):
            assert changed(conn, statement, **parameters) == 1
        conn.commit()
    register(url)
    after = registered(cron_db)
    assert after[moved]["jobid"] == before[moved]["jobid"]
    assert after[moved]["schedule"] == "7 * * * *"
    assert before.keys() - after.keys() == {gone, inactive}


def test_jobs_of_other_people_are_left_alone(cron_db: Database) -> None:
    with psycopg.connect(cron_db.server.cluster.admin_url()) as conn:
        conn.execute("select cron.schedule('sessions:prune', '0 0 * * *', 'select 1')")
        conn.execute("select cron.schedule('theirs', '0 0 * * *', 'select 1')")
    register(cron_db.url("job_runner"))
    assert registered(cron_db)["theirs"]["command"] == "select 1"


def test_a_second_database_of_the_cluster_is_refused(cron_db: Database) -> None:
    register(cron_db.url("job_runner"))
    with cron_db.server.clone(cron_db.name, "staging") as name:
        staging = Database(cron_db.server, name)
        with pytest.raises(CronError, match=r"another database.*holds:release-expired"):
            register(staging.url("job_runner"))
    databases = {job["database"] for job in registered(cron_db).values()}
    assert databases == {cron_db.name}


def test_a_server_that_is_not_prepared_says_what_to_do(
    cron_db: Database,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", cron_db.url("job_runner"))
    assert cron.main(["--cron-database", cron_db.name]) == 1
    assert "db/cron.sql" in capsys.readouterr().err


def test_pg_cron_runs_a_job_in_batches_and_the_run_is_recorded(
    cron_db: Database, tmp_path: Path
) -> None:
    """For once at the server's start, which pg_cron can do too: a minute is long."""
    register(cron_db.url("job_runner"))
    with cron_db.connect() as conn:
        conn.execute(SESSIONS)
    cluster = cron_db.server.cluster
    with psycopg.connect(cluster.admin_url()) as admin:
        admin.execute("update cron.job set schedule = '@reboot'")
    cluster.stop()
    cluster.start(tmp_path / "log")
    with cron_db.connect(autocommit=True) as conn:
        ended = "select count(*) from app.job_runs where ended_at is not null"
        wait_until(lambda: value(conn, ended) == len(active_jobs(conn)))
        runs = rows(conn, "select * from app.job_runs")
        assert {run["job_name"] for run in runs} == active_jobs(conn).keys()
        assert [run["error"] for run in runs] == [None] * len(runs)
        pruned = one(
            conn, "select rows from app.job_runs where job_name = 'sessions:prune'"
        )
        assert pruned["rows"] == 2500
        assert value(conn, "select count(*) from app.sessions") == 0


def test_the_role_that_runs_jobs_may_do_nothing_else(cron_db: Database) -> None:
    with (
        cron_db.connect("job_runner") as conn,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        rows(conn, "select * from app.users")
    url = cron_db.url("job_runner")
    with (
        psycopg.connect(url, dbname="postgres") as conn,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        conn.execute("update cron.job set username = 'postgres'")
