"""Databases for tests, and short ways to ask them."""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row

from db.cluster import SUPERUSER
from db.tools.scratch import ScratchServer

Connection = psycopg.Connection[DictRow]


@dataclass(frozen=True)
class Database:
    """A database of a test's own, in which it may commit."""

    server: ScratchServer
    name: str

    def url(self, role: str = SUPERUSER) -> str:
        """Return the URL that logs in as `role`."""
        return self.server.url(self.name, role)

    def connect(self, role: str = SUPERUSER, *, autocommit: bool = False) -> Connection:
        """Open a connection.

        Args:
            role: who logs in. The superuser starts as app_owner, the tables' owner, so
                that row-level security holds, and may become anybody (`as_role`).
            autocommit: whether a statement outside a transaction stands by itself.
        """
        options = "-c role=app_owner" if role == SUPERUSER else ""
        return psycopg.connect(
            self.url(role), autocommit=autocommit, row_factory=dict_row, options=options
        )


def rows(conn: Connection, query: str, /, **parameters: Any) -> list[DictRow]:
    """Run a query with `%(name)s` parameters and return its rows."""
    return conn.execute(query.encode(), parameters or None).fetchall()


def one(conn: Connection, query: str, /, **parameters: Any) -> DictRow:
    """Return the row of a query that must give exactly one."""
    found = rows(conn, query, **parameters)
    assert len(found) == 1, f"{len(found)} rows instead of one: {query}"
    return found[0]


def value(conn: Connection, query: str, /, **parameters: Any) -> Any:
    """Return the value of a query that must give one row of one column."""
    (found,) = one(conn, query, **parameters).values()
    return found


def changed(conn: Connection, statement: str, /, **parameters: Any) -> int:
    """Run a statement and return the number of rows it changed.

    Row-level security hides rows without an error: assert this number.
    """
    return conn.execute(statement.encode(), parameters or None).rowcount
