"""yoyo's PostgreSQL backend, made safe against a crash at any moment.

yoyo applies a migration in one transaction and marks it applied in another; a crash
between the two leaves a migration that can be neither repeated nor skipped. Here both
happen in one transaction.
"""

import os
import pwd
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from io import StringIO
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
from yoyo.connections import DatabaseURI
from yoyo.migrations import default_migration_table

# A table in use makes a migration fail and be repeated later, instead of queueing every
# request behind it for longer than a request waits (db/roles.sql). The server looks for
# a dead client (kill -9) once a second, so that an abandoned migration does not run on.
_OPTIONS = "-c lock_timeout=1s -c client_connection_check_interval=1s"


class Backend(PostgresqlPsycopgBackend):  # type: ignore[misc]  # yoyo has no types
    """Applies and marks a migration in one transaction."""

    def execute(self, sql: str, params: Mapping[str, Any] | None = None) -> Any:
        """Run one statement; without `params` a percent sign means itself."""
        if params:
            return super().execute(sql, params)
        return self.cursor().execute(sql)

    def create_lock_table(self) -> None:
        """Make the lock table; yoyo hides every error here, and logs one each time."""
        statement = self.format_sql(self.create_lock_table_sql)
        self.execute(statement.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS"))

    def _check_transactional_ddl(self) -> bool:
        """PostgreSQL can roll back DDL; yoyo would try, with an error in its log."""
        return True

    def apply_one(self, migration: Any, force: bool = False, mark: bool = True) -> None:
        """Apply `migration` and mark it, both or neither.

        One that says `-- transactional: false` can only be marked afterwards.
        """
        migration.load()
        with redirect_stdout(StringIO()):  # yoyo prints what its selects return
            if migration.use_transactions:
                self._apply_whole(migration, force=force, mark=mark)
            else:
                super().apply_one(migration, force, mark)

    def _apply_whole(self, migration: Any, *, force: bool, mark: bool) -> None:
        """Apply `migration` and mark it in one transaction."""
        self.ensure_internal_schema_updated()
        with self.copy() as worker, worker.transaction():
            migration.process_steps(worker, "apply", force=force)
            # The migration may have set a role or a search path of its own.
            worker.execute("reset role")
            worker.init_connection(worker.connection)
            worker.log_migration(migration, "apply")
            if mark:
                worker.mark_one(migration, log=False)


@contextmanager
def open_backend(url: str) -> Iterator[Backend]:
    """Connect yoyo to the database that `url` names (any form that libpq takes).

    Its tables are in schema `yoyo`, which the caller has made.
    """
    _ensure_user_name()
    parameters: dict[str, Any] = dict(conninfo_to_dict(url))
    database = parameters.pop("dbname", None)
    parameters["options"] = f"{parameters.get('options', '')} {_OPTIONS}".strip()
    parameters["schema"] = "yoyo"
    uri = DatabaseURI("postgresql", None, None, None, None, database, parameters)
    backend = Backend(uri, default_migration_table)
    with backend:
        backend.init_database()
        yield backend


def connect(url: str, **parameters: Any) -> psycopg.Connection:
    """Open an autocommit connection as `url` says, never limited by a time-out."""
    options = conninfo_to_dict(url).get("options") or ""
    unlimited = f"{options} -c lock_timeout=0 -c statement_timeout=0".strip()
    return psycopg.connect(url, autocommit=True, options=unlimited, **parameters)


def _ensure_user_name() -> None:
    """Give yoyo's log a user name where the uid has none (containers)."""
    with suppress(KeyError):
        pwd.getpwuid(os.getuid())
        return
    os.environ.setdefault("LOGNAME", "migrate")
