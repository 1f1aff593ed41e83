"""Ready means that the database is there, and as new as the code needs it."""

import asyncio
from http import HTTPStatus

from aiohttp.test_utils import TestClient, TestServer

from api_extensions.app import create_app
from api_extensions.health import NEEDED_MIGRATION
from db.tools.history import migration_files
from tests.extensions.conftest import Load
from tests.support.database import Database


def readiness(database: Database, load: Load) -> int:
    """Start a sidecar, ask it whether it is ready, stop it."""

    async def ask() -> int:
        app = create_app(load(DATABASE_URL=database.url("sidecar"), RUN_WORKERS="no"))
        async with (
            TestClient(TestServer(app)) as client,
            client.get("/readyz") as answer,
        ):
            return answer.status

    return asyncio.run(ask())


def apply_up_to(database: Database, migration: str) -> None:
    """Let the database say that this migration was its last."""
    with database.connect() as conn:
        conn.execute("create table yoyo._yoyo_migration (migration_id text)")
        conn.execute("insert into yoyo._yoyo_migration values (%s)", [migration])


def test_the_code_needs_the_newest_migration() -> None:
    assert migration_files()[-1].id.startswith(f"{NEEDED_MIGRATION}_")


def test_a_database_built_from_sql_has_no_history_and_serves(
    fresh_db: Database, load: Load
) -> None:
    assert readiness(fresh_db, load) == HTTPStatus.OK


def test_without_a_migration_that_it_needs_a_sidecar_takes_no_requests(
    fresh_db: Database, load: Load
) -> None:
    apply_up_to(fresh_db, "0000_long_ago")
    assert readiness(fresh_db, load) == HTTPStatus.SERVICE_UNAVAILABLE


def test_a_database_ahead_of_the_code_serves_while_releases_roll(
    fresh_db: Database, load: Load
) -> None:
    apply_up_to(fresh_db, "9999_of_the_next_release")
    assert readiness(fresh_db, load) == HTTPStatus.OK
