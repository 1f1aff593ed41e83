"""Reads what the gateway answers, and what PostgREST would."""

import http.client
import socket

import httpx

from tests.gateway.nginx import Gateway
from tests.gateway.upstream import answer

ID = "01a20a8a-cf62-7b4c-be12-ca113db1e23c"
TOKEN = "header.claims.signature"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
COOKIE = {"Cookie": f"other=1; access={TOKEN}"}
JSON = {"Content-Type": "application/json"}


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Open a refusal, which must be in the envelope: its status and code."""
    envelope = response.json()
    assert response.headers["Content-Type"] == "application/json"
    assert envelope.keys() == {"ok", "error"}
    assert envelope["ok"] is False
    assert envelope["error"].keys() == {"code", "message", "details"}
    assert envelope["error"]["message"]
    return response.status_code, envelope["error"]["code"]


def fields(response: httpx.Response) -> set[str]:
    """Return the names of the fields that a VALIDATION_FAILED complains of."""
    assert refusal(response) == (422, "VALIDATION_FAILED")
    return set(response.json()["error"]["details"]["fields"])


def postgrest_error(
    status: int, code: str, message: str = "", details: str | None = None
) -> bytes:
    """Write a refusal the way PostgREST does."""
    body = {"code": code, "message": message, "details": details, "hint": "a table"}
    return answer(body, status)


def send_bytes(gateway: Gateway, request: bytes) -> httpx.Response:
    """Send a request as it stands, which need not be HTTP, and read the answer."""
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as caller:
        caller.sendall(request)
        response = http.client.HTTPResponse(caller)
        response.begin()
        return opened(response)


def opened(response: http.client.HTTPResponse) -> httpx.Response:
    """Read an answer whole, into the shape that the other helpers take."""
    return httpx.Response(
        response.status, headers=response.getheaders(), content=response.read()
    )
