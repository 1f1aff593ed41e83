"""A clinic in a database of the test's own."""

from collections.abc import Iterator

import pytest

from tests.model.system import System
from tests.model.timing import TimeMachine
from tests.support.database import Database


@pytest.fixture
def system(fresh_db: Database) -> Iterator[System]:
    """A clinic that the machine may book and fill as it likes."""
    with (
        fresh_db.connect(autocommit=True) as conn,
        fresh_db.connect(autocommit=True) as rover,
    ):
        rover.execute("set role none")
        yield System(conn, TimeMachine(rover))
