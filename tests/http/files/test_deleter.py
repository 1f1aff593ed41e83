"""The worker that deletes objects, on a real bucket and a database of its own."""

from datetime import timedelta
from tempfile import TemporaryFile

import pytest
from pydantic import SecretStr

from api_extensions.db import Database
from api_extensions.files import queries
from api_extensions.files.cleanup import Deleter
from api_extensions.files.store import MissingObjectError, Store
from tests.http.files.conftest import Work
from tests.samples import PNG
from tests.support.database import Connection, changed, one, rows, value
from tests.support.database import Database as Cloned

KEY = "media/to-be-deleted"
NOWHERE = "http://127.0.0.1:1"
_ROW = """
    select attempts, next_attempt_at - clock_timestamp() as pause
    from app.object_deletions
"""


async def keep(_: Database, store: Store) -> int:
    """Put an object there."""
    with TemporaryFile() as file:
        file.write(PNG.data)
        await store.keep(KEY, file, mime_type=PNG.mime_type)
    return 1


async def count(_: Database, store: Store) -> int:
    """Return how many such objects there are: one or none."""
    with TemporaryFile() as file:
        try:
            await store.fetch(KEY, file, size=len(PNG.data))
        except MissingObjectError:
            return 0
    return 1


async def delete(database: Database, store: Store) -> int:
    """Do a round of the worker's."""
    await Deleter(database, store).delete_due()
    return 0


async def claim_and_die(database: Database, _: Store) -> int:
    """Get no further than the claim."""
    async with database.system() as connection:
        return len(await queries.claim_deletions(connection, 50))


@pytest.fixture
def doomed(fresh_db: Cloned, work: Work) -> SecretStr:
    """An object that is to be deleted, and where that is written down."""
    work(keep)
    with fresh_db.connect() as conn:
        value(conn, "select app.doom_object(%(key)s, 'SWEPT')", key=KEY)
    return SecretStr(fresh_db.url("sidecar"))


def waiting(conn: Connection) -> dict[str, object]:
    """Return what is written down, which must not be due."""
    row = one(conn, _ROW)
    assert timedelta(seconds=40) < row["pause"] <= timedelta(minutes=1)
    return row


def make_due(conn: Connection) -> None:
    """Let the time of the next try come."""
    statement = "update app.object_deletions set next_attempt_at = now()"
    assert changed(conn, statement) == 1
    conn.commit()


def test_a_store_that_is_down_is_asked_again_later(
    fresh_db: Cloned, doomed: SecretStr, work: Work
) -> None:
    work(delete, database_url=doomed, s3_endpoint=NOWHERE)
    with fresh_db.connect() as conn:
        assert waiting(conn)["attempts"] == 1
        work(delete, database_url=doomed)
        assert work(count) == 1, "it was not due"
        make_due(conn)
        work(delete, database_url=doomed)
        assert work(count) == 0
        assert rows(conn, "select from app.object_deletions") == []


def test_another_worker_takes_over_what_a_dead_one_had_claimed(
    fresh_db: Cloned, doomed: SecretStr, work: Work
) -> None:
    assert work(claim_and_die, database_url=doomed) == 1
    with fresh_db.connect() as conn:
        waiting(conn)
        work(delete, database_url=doomed)
        assert work(count) == 1, "the claim still stands"
        make_due(conn)
        work(delete, database_url=doomed)
        assert work(count) == 0
        assert rows(conn, "select from app.object_deletions") == []


def test_what_is_gone_already_is_deleted(
    fresh_db: Cloned, doomed: SecretStr, work: Work
) -> None:
    async def take_away(_: Database, store: Store) -> int:
        await store.delete(KEY)
        await store.delete(KEY)
        return 0

    work(take_away)
    work(delete, database_url=doomed)
    with fresh_db.connect() as conn:
        assert rows(conn, "select from app.object_deletions") == []
