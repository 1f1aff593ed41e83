"""Wherever the line to the database is cut, the caller is told to come again."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import psycopg
import pytest
from aiohttp.test_utils import TestClient, TestServer

from api_extensions.app import create_app
from api_extensions.db import Database as DatabaseOfSidecar
from api_extensions.errors import from_database
from api_extensions.tokens import Tokens
from tests.extensions.conftest import Load
from tests.extensions.wire import Cut, Wire, wire_to
from tests.support.database import Database
from tests.support.factories import MESSAGE, make_consultation, make_user

# The check of the pool, and two transactions, each with a beginning and an end.
_MIN_POINTS = 10
# What everybody tries all the time.
_QUICK = {Cut.UNSENT, Cut.UNANSWERED, Cut.TERMINATED, Cut.FAREWELL}
# What the caller may be told; OK where the pool noticed before it gave a connection.
_FIT = {(HTTPStatus.OK, None), (HTTPStatus.SERVICE_UNAVAILABLE, "UNAVAILABLE")}

Ask = Callable[[], Awaitable[tuple[int, str | None]]]


@pytest.fixture
def describing(
    fresh_db: Database, load: Load
) -> Callable[[Callable[[Wire, Ask], Awaitable[None]]], None]:
    """A sidecar at the end of a wire, and an owner who describes the problem."""
    with fresh_db.connect() as conn:
        owner = make_user(conn)
        path = f"/api/v1/consultations/{make_consultation(conn, owner)}/details"

    async def run(act: Callable[[Wire, Ask], Awaitable[None]]) -> None:
        async with wire_to(fresh_db.url()) as wire:
            url = re.sub(r":\d+/", f":{wire.port}/", fresh_db.url("sidecar"))
            url += "&" if "?" in url else "?"
            settings = load(
                DATABASE_URL=f"{url}sslmode=disable&gssencmode=disable",
                RUN_WORKERS="no",
                DB_POOL_SIZE="1",
            )
            token = Tokens(settings).make_access(
                user_id=owner.user_id,
                role=owner.db_role,
                session_id=owner.session_id,
                issued_at=datetime.now(UTC),
            )
            async with TestClient(TestServer(create_app(settings))) as client:

                async def ask() -> tuple[int, str | None]:
                    headers = {"Authorization": f"Bearer {token}"}
                    body = {"messageText": MESSAGE}
                    answer = await client.patch(path, json=body, headers=headers)
                    content: dict[str, Any] = await answer.json()
                    return answer.status, content.get("error", {}).get("code")

                await act(wire, ask)

    return lambda act: asyncio.run(run(act))


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(
            how, id=how.name, marks=() if how in _QUICK else pytest.mark.faults
        )
        for how in Cut
    ],
)
def test_a_connection_that_is_cut_at_any_point_is_never_a_fault_of_ours(
    describing: Callable[[Callable[[Wire, Ask], Awaitable[None]]], None], how: Cut
) -> None:
    async def each(wire: Wire, ask: Ask) -> None:
        assert await ask() == (HTTPStatus.OK, None)
        told: list[tuple[int, str | None]] = []
        while not told or wire.is_cut:
            wire.arm(len(told) + 1, how)
            told.append(await ask())
        points = told[:-1]  # the last one was over before the cut
        assert len(points) >= _MIN_POINTS
        assert set(points) <= _FIT, points
        assert points.count((HTTPStatus.OK, None)) < _MIN_POINTS / 2

    describing(each)


@pytest.mark.parametrize(
    "error",
    [None, psycopg.DatabaseError("of libpq"), psycopg.InterfaceError()],
    ids=str,
)
def test_no_transaction_ends_well_on_a_lost_connection(
    fresh_db: Database, load: Load, error: psycopg.Error | None
) -> None:
    """To psycopg one that is closed by then has nothing left to commit."""

    async def lose() -> None:
        database = DatabaseOfSidecar(load(DATABASE_URL=fresh_db.url("sidecar")))
        await database.open()
        try:
            async with database.system() as connection:
                connection.pgconn.finish()
                if error:
                    raise error
        finally:
            await database.close()

    with pytest.raises(psycopg.OperationalError) as told:
        asyncio.run(lose())
    assert from_database(told.value).code == "UNAVAILABLE"
