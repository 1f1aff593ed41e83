"""Lists by limit and cursor."""

import base64
import json
from typing import Any

import httpx
import pytest

from tests.gateway.answers import BEARER, ID, fields
from tests.gateway.upstream import Upstream, answer

TIME = "2027-01-02T17:00:00.123456+03:30"


def rows(count: int) -> list[dict[str, Any]]:
    """Pets as PostgREST returns them, newest first."""
    return [{"id": ID[:-2] + f"{99 - n:02}", "createdAt": TIME} for n in range(count)]


def listing(count: int) -> bytes:
    span = f"0-{count - 1}/*" if count else "*/*"
    return answer(rows(count), headers={"Content-Range": span})


def cursor(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(("query", "limit"), [("", 20), ("?limit=3", 3)])
@pytest.mark.parametrize("missing", [0, 1, 2, 3])
def test_a_last_page(
    client: httpx.Client, postgrest: Upstream, query: str, limit: int, missing: int
) -> None:
    postgrest.reply = listing(limit - missing)
    response = client.get(f"/api/v1/pets{query}", headers=BEARER).json()
    assert postgrest.only.query["limit"] == str(limit + 1)
    assert response == {
        "ok": True,
        "data": rows(limit - missing),
        "page": {"limit": limit, "nextCursor": None},
    }


def test_a_page_with_more_to_come(client: httpx.Client, postgrest: Upstream) -> None:
    postgrest.reply = listing(4)
    response = client.get("/api/v1/pets?limit=3", headers=BEARER).json()
    assert response["data"] == rows(3)
    assert response["page"]["limit"] == 3
    following = response["page"]["nextCursor"]

    client.get(f"/api/v1/pets?limit=3&cursor={following}", headers=BEARER)
    query = postgrest.received[-1].query
    last = rows(3)[-1]["id"]
    assert query["order"] == "created_at.desc,id.desc"
    assert query["created_at"] == f"lte.{TIME}"
    assert query["or"] == (
        f'(created_at.lt."{TIME}",and(created_at.eq."{TIME}",id.lt.{last}))'
    )


def test_a_search_goes_on_after_the_last_row(
    client: httpx.Client, postgrest: Upstream
) -> None:
    postgrest.reply = listing(4)
    path = "/api/v1/admin/users?name=a&limit=3"
    page = client.get(path, headers=BEARER).json()["page"]
    client.get(f"{path}&cursor={page['nextCursor']}", headers=BEARER)
    assert json.loads(postgrest.received[-1].body) == {
        "name": "a",
        "max_rows": 4,
        "before_at": TIME,
        "before_id": rows(3)[-1]["id"],
    }


def test_a_search_that_goes_forward_does_so_by_its_own_time(
    client: httpx.Client, postgrest: Upstream
) -> None:
    found = [{"id": ID, "startAt": TIME, "createdAt": "1"} for _ in range(2)]
    postgrest.reply = answer(found, headers={"Content-Range": "0-1/*"})
    path = "/api/v1/doctor/appointments?limit=1"
    page = client.get(path, headers=BEARER).json()["page"]
    client.get(f"{path}&cursor={page['nextCursor']}", headers=BEARER)
    assert json.loads(postgrest.received[-1].body) == {
        "max_rows": 2,
        "after_at": TIME,
        "after_id": ID,
    }


@pytest.mark.parametrize("limit", ["0", "101", "-1", "1.5", "x", "", "1e1", "%D9%A3"])
def test_a_limit_out_of_bounds(
    client: httpx.Client, postgrest: Upstream, limit: str
) -> None:
    response = client.get(f"/api/v1/pets?limit={limit}", headers=BEARER)
    assert fields(response) == {"limit"}
    assert not postgrest.received


@pytest.mark.parametrize(
    "made_up",
    [
        "x",
        "%ff",
        cursor(""),
        cursor(f"{TIME} {ID}x"),
        cursor(f'{TIME}",id.gt.0 {ID}'),
        cursor(f"{TIME}\n{ID}"),
        cursor(f"2027-01-02 {ID}"),
        cursor("{}"),
    ],
)
def test_a_cursor_that_no_list_gave(
    client: httpx.Client, postgrest: Upstream, made_up: str
) -> None:
    response = client.get(f"/api/v1/pets?cursor={made_up}", headers=BEARER)
    assert fields(response) == {"cursor"}
    assert not postgrest.received
