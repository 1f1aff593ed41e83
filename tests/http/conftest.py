"""One running system for all tests here; each test brings its own people."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.rows import dict_row

from stack.background import System
from tests.support.api import Api, new_owner
from tests.support.database import Connection
from tests.support.system import healthy_system


@pytest.fixture(scope="package")
def system() -> Iterator[System]:
    """The system with its mock gateway and the console SMS provider."""
    with healthy_system() as running:
        yield running


@pytest.fixture
def anybody(system: System) -> Api:
    """A client that has not signed in."""
    return Api(system.api_url)


@pytest.fixture(scope="package")
def admin(system: System) -> Api:
    """The demo admin, signed in once: how often one may is limited."""
    return _demo_person(system, "ADMIN")


@pytest.fixture(scope="package")
def doctor(system: System) -> Api:
    """The demo doctor, signed in once."""
    return _demo_person(system, "DOCTOR")


def _demo_person(system: System, role: str) -> Api:
    api = Api(system.api_url)
    mobile = system.values[f"DEMO_{role}_MOBILE"] or ""
    assert api.sign_in(mobile, system.values[f"DEMO_{role}_PASSWORD"] or "").data
    return api


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
