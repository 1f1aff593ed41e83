"""A database with jobs of the tests' own."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.db.app.jobs.own_jobs import own_jobs
from tests.support.database import Connection, Database


@pytest.fixture
def keeper(fresh_db: Database) -> Iterator[Connection]:
    """The tables' owner, in a database without jobs and with functions for them."""
    with own_jobs(fresh_db) as connection:
        yield connection


@pytest.fixture
def runner(fresh_db: Database) -> Iterator[psycopg.Connection]:
    """A connection such as the runner has."""
    with psycopg.connect(fresh_db.url("job_runner"), autocommit=True) as connection:
        yield connection
