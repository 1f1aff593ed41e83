"""One cast for all tests of a module; each test undoes what it did."""

from collections.abc import Iterator

import pytest

from tests.rls.cast import Cast, make_cast
from tests.support.database import Database


@pytest.fixture(scope="module")
def cast(shared_db: Database) -> Iterator[Cast]:
    """Two owners who have paid, their doctors, and two admins."""
    with shared_db.connect() as conn, conn.transaction(force_rollback=True):
        yield make_cast(conn)
