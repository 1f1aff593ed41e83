"""Fixtures for all tests. Each xdist worker has a PostgreSQL server of its own."""

import gc
import signal
from collections.abc import Generator, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from db.tools import source
from db.tools.scratch import ScratchServer, scratch_server
from tests.support.database import Connection, Database
from tests.support.scheduling import UnitScheduling, rank

_numbers = count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let tests of the database run on another PostgreSQL than the packaged one."""
    parser.addoption(
        "--postgres", type=Path, metavar="BINDIR", help="where its postgres is"
    )


def pytest_configure() -> None:
    """Ignore no signal that a shell ignores for what it starts in the background.

    Every program that a test starts would, and wait for its end forever.
    """
    for number in (signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage among the thousands of tests: a fifth of the time it takes.

    They stay to the end, so that nobody looks through them later, either.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what takes longest."""
    items.sort(key=lambda item: rank(item.nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> UnitScheduling:
    """Let each running system be started by one worker only."""
    return UnitScheduling(config, log)


@pytest.fixture(scope="session")
def server(pytestconfig: pytest.Config) -> Iterator[ScratchServer]:
    """A PostgreSQL server with our roles, and nothing in it."""
    with scratch_server(pytestconfig.getoption("--postgres")) as running:
        yield running


@pytest.fixture(scope="session")
def template(server: ScratchServer) -> Iterator[str]:
    """The name of a database built from sql/; tests clone it."""
    with server.database("template_sql") as name:
        with psycopg.connect(server.url(name)) as conn:
            source.load(conn)
        yield name


@pytest.fixture
def fresh_db(server: ScratchServer, template: str) -> Iterator[Database]:
    """A database of the test's own, for several connections, commits and NOTIFY."""
    with server.clone(template, f"test_{next(_numbers)}") as name:
        yield Database(server, name)


@pytest.fixture(scope="session")
def shared_db(server: ScratchServer, template: str) -> Iterator[Database]:
    """The database behind `db`: what a test commits here, others see."""
    with server.clone(template, "test_shared") as name:
        yield Database(server, name)


@pytest.fixture(scope="session")
def session(shared_db: Database) -> Iterator[Connection]:
    """The connection of all tests with `db`: a new one would compile every function."""
    with shared_db.connect() as conn:
        conn.prepare_threshold = None  # tests replace what statements speak of
        yield conn


@pytest.fixture
def db(session: Connection) -> Iterator[Connection]:
    """A connection as app_owner, in a transaction that is rolled back at the end.

    With it goes what was set in the session, such as its role.
    """
    with session.transaction(force_rollback=True):
        yield session
