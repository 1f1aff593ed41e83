"""Several servers behind one name: a dead one is passed over, nothing is sent twice."""

from collections.abc import Iterator

import httpx
import pytest

from stack.ports import free_port
from tests.gateway.answers import BEARER, refusal
from tests.gateway.nginx import running_gateway
from tests.gateway.upstream import Upstream, running_upstream

PET = {"type": "CAT", "name": "ببری"}
# Two failures, and nginx leaves a replica alone for a while.
_ENOUGH = 6


@pytest.fixture
def replicas() -> Iterator[tuple[Upstream, Upstream]]:
    """Two servers that stand in for PostgREST."""
    with running_upstream() as first, running_upstream() as second:
        yield first, second


@pytest.fixture
def client(replicas: tuple[Upstream, Upstream]) -> Iterator[httpx.Client]:
    """A caller of the gateway in front of both, and of a third that is not there."""
    dead = f"127.0.0.1:{free_port()}"
    addresses = [dead, *(replica.address for replica in replicas)]
    with (
        running_gateway(addresses, addresses) as gateway,
        httpx.Client(base_url=gateway.url, headers=BEARER, timeout=10) as caller,
    ):
        yield caller


def test_a_replica_that_is_not_there_is_passed_over_even_for_a_change(
    client: httpx.Client, replicas: tuple[Upstream, Upstream]
) -> None:
    answers = [client.post("/api/v1/pets", json=PET) for _ in range(_ENOUGH)]
    answers += [client.post("/api/v1/auth/refresh") for _ in range(_ENOUGH)]
    assert {answer.is_success for answer in answers} == {True}
    assert sum(len(replica.received) for replica in replicas) == len(answers)


def test_what_only_reads_is_asked_again_when_a_replica_breaks_off(
    client: httpx.Client, replicas: tuple[Upstream, Upstream]
) -> None:
    replicas[0].reply = b""
    answers = [client.get(path) for path in ("/api/v1/pets", "/rest/v1/pets") * 3]
    assert {answer.status_code for answer in answers} == {200}
    assert replicas[0].received


@pytest.mark.parametrize("path", ["/api/v1/pets", "/rest/v1/rpc/create_pet"])
def test_a_change_is_never_sent_twice(
    client: httpx.Client, replicas: tuple[Upstream, Upstream], path: str
) -> None:
    for replica in replicas:
        replica.reply = b""
    answer = client.post(path, json=PET)
    assert answer.status_code == 503
    assert sum(len(replica.received) for replica in replicas) == 1


def test_a_get_that_writes_is_never_sent_twice(
    client: httpx.Client, replicas: tuple[Upstream, Upstream]
) -> None:
    for replica in replicas:
        replica.reply = b""
    answers = [client.get("/api/v1/uploads/presign") for _ in range(_ENOUGH)]
    assert {answer.status_code for answer in answers} == {503}
    # A replica that broke off is left alone for a while: at the end there is none.
    assert sum(len(replica.received) for replica in replicas) <= len(answers)


def test_without_any_replica_the_refusal_is_ours() -> None:
    dead = [f"127.0.0.1:{free_port()}" for _ in range(2)]
    with running_gateway(dead, dead) as gateway:
        for path in ("/api/v1/pets", "/healthz"):
            answer = httpx.get(f"{gateway.url}{path}", headers=BEARER)
            assert refusal(answer) == (503, "UNAVAILABLE")
