"""Throw-away databases with our roles, on a server of their own."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from db.cluster import SUPERUSER, Cluster, throwaway_cluster
from db.prepare import LOGIN_ROLES, prepare_database, prepare_roles


@dataclass(frozen=True)
class ScratchServer:
    """A server where every login role has the superuser's password."""

    cluster: Cluster

    def url(self, database: str, role: str = SUPERUSER) -> str:
        """Return the URL that logs in to `database` as `role`."""
        return self.cluster.url(role, self.cluster.password, database)

    @contextmanager
    def database(self, name: str) -> Iterator[str]:
        """Lend an empty database, as the first migration finds it; gives its name."""
        prepare_database(self.url("postgres"), name)
        try:
            yield name
        finally:
            self._drop(name)

    @contextmanager
    def clone(self, template: str, name: str) -> Iterator[str]:
        """Lend a copy of the database `template`, which nobody may be using.

        Rights on the database itself are not copied: anybody who can log in may enter.
        """
        copy = sql.SQL("create database {} template {}")
        self._administrate(copy.format(sql.Identifier(name), sql.Identifier(template)))
        try:
            yield name
        finally:
            self._drop(name)

    def _drop(self, name: str) -> None:
        """Drop a database, and disconnect whoever is still in it."""
        statement = sql.SQL("drop database {} with (force)")
        self._administrate(statement.format(sql.Identifier(name)))

    def _administrate(self, statement: sql.Composed) -> None:
        """Run one statement that can't be part of a transaction, as the superuser."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as conn:
            conn.execute(statement)


@contextmanager
def scratch_server(
    bindir: Path | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[ScratchServer]:
    """Run a server with our roles until the body ends.

    Args:
        bindir: another PostgreSQL's binaries; the packaged ones when None.
        settings: of the server, beyond those of every throw-away cluster.
    """
    with throwaway_cluster(bindir, settings) as cluster:
        passwords = dict.fromkeys(LOGIN_ROLES, cluster.password)
        prepare_roles(cluster.admin_url(), passwords)
        yield ScratchServer(cluster)
