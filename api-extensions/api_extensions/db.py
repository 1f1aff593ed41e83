"""Transactions: for the system, for a caller, and with a caller's own rights."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row
from psycopg_pool import AsyncConnectionPool

from api_extensions import trace
from api_extensions.settings import Settings
from api_extensions.tokens import Caller

Row = TypeVar("Row")
Connection = AsyncConnection[TupleRow]

# Seconds that a request waits for a free connection before it is told to come again.
POOL_TIMEOUT = 5.0
# SET ROLE does not bring a role's settings: every transaction sets its own.
STATEMENT_TIMEOUT, LOCK_TIMEOUT = "5s", "3s"

_BEGIN = """
select set_config('request.jwt.claims', %(claims)s, true),
       set_config('request.headers', %(headers)s, true),
       set_config('application_name', %(request_id)s, true),
       set_config('statement_timeout', %(statement_timeout)s, true),
       set_config('lock_timeout', %(lock_timeout)s, true)
"""
_BECOME = "select set_config('role', %s, true)"
_CHECK_REQUEST = "select app.check_request()"
_LAST_MIGRATION = "select sidecar.last_migration()"


class Database:
    """The sidecar's connection pool and the three kinds of transaction."""

    def __init__(self, settings: Settings) -> None:
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            settings.database_url.get_secret_value(),
            min_size=1,
            max_size=settings.db_pool_size,
            timeout=POOL_TIMEOUT,
            check=AsyncConnectionPool.check_connection,
            kwargs={"application_name": "sidecar"},
            open=False,
        )

    async def open(self) -> None:
        """Start filling the pool; a database that is not there yet may come later."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Give every connection back."""
        await self._pool.close()

    async def last_migration(self) -> str | None:
        """Return the newest migration of the database; None if it has no history.

        Raises:
            psycopg.Error: when the database does not answer.
        """
        async with self.system() as connection:
            found: str | None = await fetch_value(connection, _LAST_MIGRATION, {})
            return found

    def pool_state(self) -> tuple[int, int]:
        """Return how many connections are used, and how many requests wait for one."""
        stats = self._pool.get_stats()
        used = stats.get("pool_size", 0) - stats.get("pool_available", 0)
        return used, stats.get("requests_waiting", 0)

    @asynccontextmanager
    async def system(self) -> AsyncIterator[Connection]:
        """Open a transaction for nobody: only schema `sidecar` is in reach.

        Raises:
            psycopg.Error: from the statements inside; `errors.from_database` reads it.
        """
        async with self._transaction(claims=None) as connection:
            yield connection

    @asynccontextmanager
    async def acting_for(self, caller: Caller) -> AsyncIterator[Connection]:
        """Open a transaction in which functions of `sidecar` know the caller.

        Raises:
            psycopg.Error: also when the caller's session is dead (401).
        """
        async with self._transaction(caller.claims) as connection:
            await connection.execute(_CHECK_REQUEST)
            yield connection

    @asynccontextmanager
    async def recording_for(self, caller: Caller | None) -> AsyncIterator[Connection]:
        """Open a transaction for the system, in which the audit log knows the caller.

        For what must be kept even when their session has ended meanwhile.

        Raises:
            psycopg.Error: from the statements inside.
        """
        async with self._transaction(caller.claims if caller else None) as connection:
            yield connection

    @asynccontextmanager
    async def as_caller(
        self, caller: Caller, *, statement_timeout: str = STATEMENT_TIMEOUT
    ) -> AsyncIterator[Connection]:
        """Open a transaction with the caller's own rights, exactly as PostgREST does.

        Args:
            caller: whose rights.
            statement_timeout: how long each statement in it may take.

        Raises:
            psycopg.Error: also when the caller's session is dead (401).
        """
        async with self._transaction(caller.claims, statement_timeout) as connection:
            await connection.execute(_BECOME, [caller.role])
            await connection.execute(_CHECK_REQUEST)
            yield connection

    @asynccontextmanager
    async def _transaction(
        self,
        claims: Mapping[str, Any] | None,
        statement_timeout: str = STATEMENT_TIMEOUT,
    ) -> AsyncIterator[Connection]:
        here = trace.current()
        headers = {"x-request-id": here.request_id, "x-real-ip": here.ip}
        async with self._pool.connection() as connection, _noticing_loss(connection):
            await connection.execute(
                _BEGIN,
                {
                    "claims": json.dumps(claims) if claims else "",
                    "headers": json.dumps(headers),
                    "request_id": here.request_id,
                    "statement_timeout": statement_timeout,
                    "lock_timeout": LOCK_TIMEOUT,
                },
            )
            yield connection
            # Leaving the block would do so too, but say nothing of a lost connection.
            await connection.commit()


@asynccontextmanager
async def _noticing_loss(connection: Connection) -> AsyncIterator[None]:
    """Make an OperationalError of whatever the end of a connection looks like.

    What libpq itself has to say comes without an SQLSTATE, and as a fault of ours.
    """
    try:
        yield
    except psycopg.Error as error:
        is_last_word = error.diag.severity_nonlocalized in {"FATAL", "PANIC"}
        if connection.broken or is_last_word:
            raise psycopg.OperationalError("the connection was lost") from error
        raise


async def fetch_one(
    connection: Connection, kind: type[Row], query: str, values: Mapping[str, Any]
) -> Row:
    """Run a query that always gives one row.

    Args:
        connection: inside a transaction.
        kind: a dataclass with the row's columns.
        query: SQL with named placeholders.
        values: for the placeholders.

    Raises:
        LookupError: when there is no row after all.
    """
    row = await fetch_optional(connection, kind, query, values)
    if row is None:
        raise LookupError(f"no row for {kind.__name__}")
    return row


async def fetch_optional(
    connection: Connection, kind: type[Row], query: str, values: Mapping[str, Any]
) -> Row | None:
    """Run a query that gives one row or none; see `fetch_one`."""
    async with connection.cursor(row_factory=class_row(kind)) as cursor:
        await cursor.execute(query, values)
        return await cursor.fetchone()


async def fetch_all(
    connection: Connection, kind: type[Row], query: str, values: Mapping[str, Any]
) -> list[Row]:
    """Run a query that gives any number of rows; see `fetch_one`."""
    async with connection.cursor(row_factory=class_row(kind)) as cursor:
        await cursor.execute(query, values)
        return await cursor.fetchall()


async def fetch_value(
    connection: Connection, query: str, values: Mapping[str, Any]
) -> Any:
    """Run a query that gives one value; None when there is no row."""
    cursor = await connection.execute(query, values)
    row = await cursor.fetchone()
    return row[0] if row else None


async def fetch_column(
    connection: Connection, query: str, values: Mapping[str, Any]
) -> list[Any]:
    """Run a query that gives any number of rows of one value; see `fetch_one`."""
    cursor = await connection.execute(query, values)
    return [row[0] for row in await cursor.fetchall()]
