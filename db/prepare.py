"""What a superuser does before the migrations: roles, passwords, the database.

`python -m db.prepare` does it with ADMIN_DATABASE_URL (a superuser, in the database
`postgres`), DATABASE_NAME, and AUTHENTICATOR_PASSWORD, SIDECAR_PASSWORD,
JOB_RUNNER_PASSWORD and MIGRATOR_PASSWORD. Safe to repeat: that is how passwords are
changed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql

ROLES_SQL = Path(__file__).with_name("roles.sql")
CRON_SQL = Path(__file__).with_name("cron.sql")
# The accounts that log in; all others are switched to.
LOGIN_ROLES = ("authenticator", "sidecar", "job_runner", "migrator")


def prepare_roles(admin_url: str, passwords: Mapping[str, str]) -> None:
    """Bring the cluster's roles to what `db/roles.sql` says, and set passwords.

    Args:
        admin_url: logs in as a superuser, to any database.
        passwords: role name to password. Only its hash travels to the server, so
            that no log can hold it.
    """
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(ROLES_SQL.read_bytes())
        for role, password in passwords.items():
            encrypted = connection.pgconn.encrypt_password(
                password.encode(), role.encode()
            )
            connection.execute(
                sql.SQL("alter role {} password {}").format(
                    sql.Identifier(role), sql.Literal(encrypted.decode())
                )
            )


def prepare_database(admin_url: str, database: str) -> None:
    """Create the database if it is missing, and let exactly our roles into it.

    Args:
        admin_url: logs in as a superuser, to the database `postgres`.
        database: its name. A clone of a prepared database needs this as well, because
            rights on a database itself are not cloned.
    """
    with psycopg.connect(admin_url, autocommit=True) as connection:
        known = connection.execute(
            "select from pg_database where datname = %s", [database]
        )
        if known.rowcount == 0:
            connection.execute(
                sql.SQL("create database {} template template0").format(
                    sql.Identifier(database)
                )
            )
        for grant in (
            "revoke all on database {} from public",
            "grant create on database {} to app_owner",
            f"grant connect on database {{}} to {', '.join(LOGIN_ROLES)}",
        ):
            connection.execute(sql.SQL(grant).format(sql.Identifier(database)))
    with psycopg.connect(admin_url, autocommit=True, dbname=database) as connection:
        connection.execute("revoke all on schema public from public")
        # The migrations' bookkeeping needs a schema before the first of them runs.
        connection.execute("create schema if not exists yoyo authorization app_owner")


def prepare_cron(admin_url: str) -> bool:
    """Let our jobs be registered with pg_cron; return whether the server has it.

    Args:
        admin_url: logs in as a superuser, to the database cron.database_name.
    """
    with psycopg.connect(admin_url, autocommit=True) as connection:
        preloaded = connection.execute("show shared_preload_libraries").fetchone()
        if preloaded is None or "pg_cron" not in preloaded[0]:
            return False
        connection.execute(CRON_SQL.read_bytes())
    return True


def main() -> None:
    """Prepare the server of ADMIN_DATABASE_URL; a missing variable is a sentence."""
    try:
        admin_url = os.environ["ADMIN_DATABASE_URL"]
        database = os.environ["DATABASE_NAME"]
        passwords = {
            role: os.environ[f"{role.upper()}_PASSWORD"] for role in LOGIN_ROLES
        }
    except KeyError as missing:
        sys.exit(f"{missing.args[0]} is not set")
    prepare_roles(admin_url, passwords)
    prepare_database(admin_url, database)
    has_cron = prepare_cron(admin_url)
    print(f"prepared {database}, {'with' if has_cron else 'without'} pg_cron")


if __name__ == "__main__":
    main()
