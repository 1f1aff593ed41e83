"""One id for a request: in the answer, upstream, and in the log."""

import json
import re
import time
from typing import Any

import httpx
import pytest

from stack.json_log.lines import entry
from tests.gateway.answers import BEARER, postgrest_error
from tests.gateway.nginx import Gateway
from tests.gateway.upstream import Upstream


def logged(gateway: Gateway, request_id: str) -> dict[str, Any]:
    """The access log's line; nginx writes it right after the answer."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        lines = (gateway.directory / "access.log").read_text().splitlines()
        for line in map(json.loads, lines):
            if line["requestId"] == request_id:
                return dict(line)
        time.sleep(0.01)
    raise AssertionError(f"{request_id} is not in the log")


@pytest.mark.parametrize("path", ["/rest/v1/pets", "/api/v1/pets", "/nowhere"])
def test_a_plain_id_of_the_callers_is_kept(client: httpx.Client, path: str) -> None:
    response = client.get(path, headers={"X-Request-Id": "journey-0001"})
    assert response.headers.get_list("X-Request-Id") == ["journey-0001"]


@pytest.mark.parametrize("given", ["short", "a" * 65, "with space", 'quote"1234', ""])
def test_any_other_is_replaced(
    client: httpx.Client, postgrest: Upstream, given: str
) -> None:
    response = client.get("/rest/v1/pets", headers={"X-Request-Id": given})
    request_id = response.headers["X-Request-Id"]
    assert re.fullmatch("[0-9a-f]{32}", request_id)
    assert postgrest.only.headers["X-Request-Id"] == request_id


def test_both_surfaces_tell_the_database_the_id(
    client: httpx.Client, postgrest: Upstream
) -> None:
    client.get("/api/v1/pets", headers={"X-Request-Id": "journey-0002"})
    assert postgrest.only.headers["X-Request-Id"] == "journey-0002"


def test_the_log_names_the_request_but_not_its_secrets(
    gateway: Gateway, client: httpx.Client
) -> None:
    path = "/api/v1/payments/callback/zarinpal"
    headers = {
        "X-Request-Id": "journey-0003",
        "User-Agent": 'x","status":200,"y":"',
        "Authorization": "Bearer top.secret.token",
    }
    client.get(f"{path}?n=nonce-secret&Authority=A00-secret", headers=headers)
    line = logged(gateway, "journey-0003")
    assert (line["method"], line["path"], line["status"]) == ("GET", path, 200)
    assert line["userAgent"] == headers["User-Agent"]
    assert "secret" not in json.dumps(line)


def test_a_refusal_is_logged_with_its_own_method_and_path(
    gateway: Gateway, client: httpx.Client
) -> None:
    headers = {"X-Request-Id": "journey-0004", "Content-Type": "application/json"}
    client.post("/api/v1/pets?a=b", headers=headers, content=b"x" * 70_000)
    line = logged(gateway, "journey-0004")
    assert (line["method"], line["path"], line["status"]) == (
        "POST",
        "/api/v1/pets",
        413,
    )


def test_a_fault_is_told_to_the_log_with_the_id_and_without_the_rows(
    gateway: Gateway, client: httpx.Client, postgrest: Upstream
) -> None:
    """The rows of a failed statement are in what PostgREST says of it."""
    rows = "Failing row contains (1, the cat coughs)."
    postgrest.reply = postgrest_error(400, "P0001", rows, rows)
    headers = {"X-Request-Id": "journey-0005", **BEARER}
    assert client.get("/api/v1/pets", headers=headers).status_code == 500
    log = (gateway.directory / "nginx.log").read_text()
    line = next(line for line in log.splitlines() if "journey-0005" in line)
    told = entry("nginx", line)
    assert (told["level"], told["request_id"]) == ("error", "journey-0005")
    assert told["message"] == "PostgREST 400 P0001"
    assert told["connection"] == logged(gateway, "journey-0005")["connection"]
    assert "cat" not in log
