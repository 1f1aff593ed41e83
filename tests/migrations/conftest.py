"""Small migrations of a test's own, and an empty database to apply them to."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from db.tools.scratch import ScratchServer
from tests.support.database import Database

_numbers = count(1)

WriteMigration = Callable[[str, str], Path]


@pytest.fixture
def empty_db(server: ScratchServer) -> Iterator[Database]:
    """A database with nothing in it, as the first migration finds it."""
    with server.database(f"empty_{next(_numbers)}") as name:
        yield Database(server, name)


@pytest.fixture
def write_migration(tmp_path: Path) -> WriteMigration:
    """Write the next migration into `tmp_path`: called with its name and its SQL."""

    def write(name: str, statements: str) -> Path:
        previous = sorted(tmp_path.glob("*.sql"))
        depends = f"-- depends: {previous[-1].stem}\n" if previous else ""
        path = tmp_path / f"{len(previous) + 1:04}_{name}.sql"
        path.write_text(depends + statements)
        return path

    return write
