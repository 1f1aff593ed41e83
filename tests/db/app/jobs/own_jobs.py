"""Jobs of the tests' own, in a database from which the real ones were taken away."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.database import Connection, Database, value

# Each batch says in which transaction it ran.
_FUNCTIONS = """
    create table app.work (n integer);
    create table app.batches (xid xid8 not null default pg_current_xact_id());

    create function app.take_two() returns bigint language sql as $$
        insert into app.batches default values;
        with taken as (
            delete from app.work where n in (select n from app.work limit 2) returning n
        )
        select count(*) from taken
    $$;
    create function app.fail_here() returns bigint language plpgsql as $$
    begin
        raise exception 'the moon is in the wrong house';
    end
    $$;
    create function app.sleep_long() returns bigint language sql as $$
        select count(*) from pg_sleep(600)
    $$;
"""


@contextmanager
def own_jobs(database: Database) -> Iterator[Connection]:
    """Replace the jobs by three functions to make jobs of; lend the owner."""
    with database.connect(autocommit=True) as connection:
        connection.execute("delete from app.jobs")
        connection.execute(_FUNCTIONS.encode())
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
