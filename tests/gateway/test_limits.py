"""Requests that are too large, too many or too slow."""

import http.client
import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest

from stack.settings import ROOT
from tests.gateway.answers import BEARER, JSON, opened, refusal
from tests.gateway.nginx import Gateway, running_gateway
from tests.gateway.upstream import Upstream

ROOM = 64 * 1024
LARGE = b" " * (ROOM - 2) + b"{}"


def in_pieces(body: bytes, size: int) -> Iterator[bytes]:
    """Send a body in chunks, so that its length is not said before."""
    for start in range(0, len(body), size):
        yield body[start : start + size]


@pytest.mark.parametrize("chunked", [False, True])
def test_the_largest_body_passes(
    client: httpx.Client, postgrest: Upstream, chunked: bool
) -> None:
    body = in_pieces(LARGE, 1000) if chunked else LARGE
    response = client.post("/api/v1/pets", headers=BEARER | JSON, content=body)
    assert response.status_code == 201
    assert postgrest.only.json() == {}


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("path", ["/api/v1/pets", "/api/v1/auth/login"])
def test_a_larger_one_does_not(
    client: httpx.Client,
    postgrest: Upstream,
    sidecar: Upstream,
    path: str,
    chunked: bool,
) -> None:
    body = in_pieces(LARGE + b" ", 1000) if chunked else LARGE + b" "
    response = client.post(path, headers=BEARER | JSON, content=body)
    assert refusal(response) == (413, "PAYLOAD_TOO_LARGE")
    assert not postgrest.received
    assert not sidecar.received


def test_chunks_of_a_byte_are_a_refusal_and_not_a_fault(client: httpx.Client) -> None:
    body = in_pieces(LARGE, 1)
    response = client.post("/api/v1/pets", headers=BEARER | JSON, content=body)
    assert refusal(response) == (413, "PAYLOAD_TOO_LARGE")


def test_a_long_url(client: httpx.Client, postgrest: Upstream) -> None:
    assert client.get(f"/rest/v1/pets?or={'a' * 7000}").status_code == 200
    response = client.get(f"/api/v1/pets?x={'a' * 9000}")
    assert refusal(response) == (414, "PAYLOAD_TOO_LARGE")
    assert len(postgrest.received) == 1


def test_a_long_header(client: httpx.Client) -> None:
    response = client.get("/api/v1/me", headers={"X-Long": "a" * 9000})
    assert refusal(response) == (431, "PAYLOAD_TOO_LARGE")


def flood(gateway: Gateway, address: str, most: int) -> httpx.Response | None:
    """Ask from an address until told to stop, at most so many times."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", gateway.port, timeout=10, source_address=(address, 0)
    )
    with closing(connection):
        for _ in range(most):
            connection.request("GET", "/api/v1/nope")
            response = opened(connection.getresponse())
            if response.status_code != 404:
                return response
    return None


def test_a_flood_from_one_address_is_told_to_wait(gateway: Gateway) -> None:
    response = flood(gateway, "127.0.0.2", 10_000)
    assert response is not None
    assert refusal(response) == (429, "RATE_LIMITED")
    assert response.headers["Retry-After"] == "1"


def test_tests_and_benchmarks_are_not_counted(gateway: Gateway) -> None:
    assert flood(gateway, "127.0.0.1", 1000) is None


@pytest.fixture
def impatient(
    tmp_path: Path, postgrest: Upstream, sidecar: Upstream
) -> Iterator[Gateway]:
    """The gateway with its patience shortened to a second."""
    directory = tmp_path / "gateway"
    shutil.copytree(ROOT / "gateway", directory)
    limits = directory / "http" / "limits.conf"
    text, replaced = re.subn(
        r"(client_\w+_timeout) \d+s;", r"\1 1s;", limits.read_text()
    )
    assert replaced == 2
    limits.write_text(text)
    with running_gateway(
        postgrest.address, sidecar.address, configuration_dir=directory
    ) as running:
        yield running


_UNFINISHED = (
    " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    'Content-Length: 99\r\n\r\n{"type":'
)


@pytest.mark.parametrize(
    "beginning",
    [
        "POST /api/v1/pets HTTP/1.1\r\nHost: x\r\n",
        f"POST /api/v1/pets{_UNFINISHED}",
        f"POST /api/v1/auth/login{_UNFINISHED}",
        f"POST /rest/v1/rpc/create_pet{_UNFINISHED}",
    ],
)
def test_nobody_keeps_a_connection_by_never_finishing(
    impatient: Gateway, postgrest: Upstream, sidecar: Upstream, beginning: str
) -> None:
    with socket.create_connection(("127.0.0.1", impatient.port), timeout=8) as slow:
        slow.sendall(beginning.encode())
        with suppress(ConnectionResetError):
            while slow.recv(4096):
                pass
    assert not postgrest.received
    assert not sidecar.received
