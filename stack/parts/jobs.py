"""The job runner: what pg_cron does elsewhere."""

import psycopg

from stack.part import Part
from stack.site import Site


def describe(site: Site) -> Part:
    """Describe the job runner; it is ready when PostgreSQL sees it."""
    return Part(
        name="jobs",
        command=site.programs.module("db.job_runner"),
        environment=site.python_environment(
            DATABASE_URL=site.database_url("job_runner")
        ),
        is_ready=lambda: _is_connected(site.cluster.admin_url()),
        needs=("seed",),
    )


def _is_connected(admin_url: str) -> bool:
    query = "select exists (select from pg_stat_activity where usename = 'job_runner')"
    try:
        with psycopg.connect(admin_url) as connection:
            return connection.execute(query).fetchone() == (True,)
    except psycopg.OperationalError:
        return False
