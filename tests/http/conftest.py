"""One running system for all tests of a worker; each test brings its own people."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.rows import dict_row

from stack.background import System, running_system
from tests.support.api import Api, new_owner
from tests.support.database import Connection


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """The system with its mock gateway and the console SMS provider.

    Whatever the tests did to it, the guarantees hold at the end.
    """
    with running_system() as running:
        yield running
        with psycopg.connect(running.database_url) as connection:
            violations = connection.execute("select * from app.invariants()")
            assert violations.fetchall() == []


@pytest.fixture
def anybody(system: System) -> Api:
    """A client that has not signed in."""
    return Api(system.api_url)


@pytest.fixture
def owner(system: System) -> Api:
    """A pet owner of this test."""
    return new_owner(system.api_url)


@pytest.fixture
def stranger(system: System) -> Api:
    """Another pet owner."""
    return new_owner(system.api_url)


@pytest.fixture
def database(system: System) -> Iterator[Connection]:
    """The running system's database, as app_owner."""
    with psycopg.connect(
        system.database_url, autocommit=True, row_factory=dict_row
    ) as connection:
        yield connection
