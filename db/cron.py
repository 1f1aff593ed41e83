"""`make cron`: register the active jobs of `app.jobs` with pg_cron.

Safe to repeat, and to be repeated after each change of the table: jobs are updated in
place, and those that are gone or inactive are unscheduled. Jobs run as job_runner, who
may do nothing but that. A runner (`make jobs`) may go on beside pg_cron: each run that
is due happens once, and the runner makes up for what pg_cron missed.

pg_cron keeps its jobs in one database of the cluster, which `db/cron.sql` prepares.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping

import psycopg
from psycopg import sql


class CronError(Exception):
    """The jobs could not be registered; the message says why."""


def register(url: str, cron_database: str = "postgres") -> list[str]:
    """Make pg_cron's jobs those of `app.jobs`, and return their names.

    Args:
        url: of the database with the jobs; logs in as job_runner.
        cron_database: what the server's cron.database_name says.

    Raises:
        CronError: pg_cron is not there, not open to us, or has such a job for another
            database.
    """
    with psycopg.connect(url) as conn:
        database = conn.info.dbname
        jobs: dict[str, str] = dict(
            conn.execute(
                "select name, schedule from app.jobs where is_active order by name"
            ).fetchall()
        )
    with psycopg.connect(url, dbname=cron_database) as conn:
        try:
            _unschedule(conn, database, keep=list(jobs))
            _schedule(conn, database, jobs)
        except (
            psycopg.errors.UndefinedTable,
            psycopg.errors.InsufficientPrivilege,
        ) as error:
            raise CronError(
                f"pg_cron is not prepared in the database {cron_database}; a superuser "
                f"does it once with db/cron.sql: {error.diag.message_primary}"
            ) from error
    return list(jobs)


def _unschedule(conn: psycopg.Connection, database: str, keep: list[str]) -> None:
    """Take away the jobs of ours that are not wanted any more."""
    conn.execute(
        """
        select cron.unschedule(jobname) from cron.job
        where username = current_user and database = %s and jobname <> all (%s)
        """,
        [database, keep],
    )


def _schedule(conn: psycopg.Connection, database: str, jobs: Mapping[str, str]) -> None:
    """Add the jobs, or update those of the same name."""
    for name, schedule in jobs.items():
        command = sql.SQL("call app.run_scheduled_job({})").format(sql.Literal(name))
        conn.execute(
            "select cron.schedule_in_database(%s, %s, %s, %s)",
            [name, schedule, command.as_string(conn), database],
        )
    # An update in place leaves the database as it was.
    others = conn.execute(
        "select jobname from cron.job where jobname = any (%s) and database <> %s",
        [list(jobs), database],
    ).fetchall()
    if others:
        raise CronError(
            f"pg_cron runs jobs of these names for another database of this cluster: "
            f"{', '.join(name for (name,) in others)}"
        )


def main(arguments: list[str] | None = None) -> int:
    """Register the jobs of DATABASE_URL's database; 1 with a sentence on failure."""
    parser = argparse.ArgumentParser(prog="python -m db.cron", description=__doc__)
    parser.add_argument(
        "--cron-database",
        default="postgres",
        help="the server's cron.database_name (default: postgres)",
    )
    options = parser.parse_args(arguments)
    url = os.environ.get("DATABASE_URL")
    if not url:
        print("DATABASE_URL is not set", file=sys.stderr)
        return 1
    try:
        names = register(url, options.cron_database)
    except (CronError, psycopg.Error) as error:
        print(str(error).strip(), file=sys.stderr)
        return 1
    print(f"Registered with pg_cron: {', '.join(names) or 'nothing'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
