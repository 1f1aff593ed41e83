"""One running system for all tests of a worker; each test brings its own people."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.rows import dict_row

from stack.background import System
from tests.support.api import Api, new_owner
from tests.support.database import Connection
from tests.support.system import healthy_system


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """The system with its mock gateway and the console SMS provider."""
    with healthy_system() as running:
        yield running


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
