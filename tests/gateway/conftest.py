"""One nginx and two recording upstreams for all tests of a worker."""

from collections.abc import Iterator

import httpx
import pytest

from tests.gateway.nginx import Gateway, running_gateway
from tests.gateway.upstream import Upstream, running_upstream


@pytest.fixture(scope="session")
def upstreams() -> Iterator[tuple[Upstream, Upstream]]:
    """What stands in for PostgREST and for the sidecar."""
    with running_upstream() as postgrest, running_upstream() as sidecar:
        yield postgrest, sidecar


@pytest.fixture(scope="session")
def gateway(upstreams: tuple[Upstream, Upstream]) -> Iterator[Gateway]:
    """The gateway in front of them."""
    postgrest, sidecar = upstreams
    with running_gateway(postgrest.address, sidecar.address) as running:
        yield running


@pytest.fixture
def postgrest(upstreams: tuple[Upstream, Upstream]) -> Upstream:
    """What stands in for PostgREST, with nothing received yet."""
    upstreams[0].reset()
    return upstreams[0]


@pytest.fixture
def sidecar(upstreams: tuple[Upstream, Upstream]) -> Upstream:
    """What stands in for the sidecar, with nothing received yet."""
    upstreams[1].reset()
    return upstreams[1]


@pytest.fixture
def client(
    gateway: Gateway, postgrest: Upstream, sidecar: Upstream
) -> Iterator[httpx.Client]:
    """A client of the gateway that sends nothing by itself but what HTTP needs."""
    del postgrest, sidecar  # here for their reset
    with httpx.Client(base_url=gateway.url, timeout=10) as caller:
        for name in ("Accept", "Accept-Encoding", "User-Agent"):
            del caller.headers[name]
        yield caller
