"""Whatever is sent to /rest/v1: no fault, no name from behind it, no long wait."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from time import monotonic
from uuid import UUID

import httpx
import psycopg
import pytest
from hypothesis import given
from psycopg.rows import dict_row

from stack.background import System
from tests.fuzz.bounds import EXAMPLES, bounded
from tests.fuzz.requests import Place, Request, places, requests
from tests.support.api import Api, new_owner, started_payment
from tests.support.database import rows

# A request takes several times as long as a call in the database.
_EXAMPLES = EXAMPLES // 4
# Seconds; the time-out of a statement is five.
_LONGEST = 6.0
_BEHIND = """
    select conname as name from pg_constraint
    where connamespace = 'app'::regnamespace
    union select case relkind when 'i' then relname else 'app.' || relname end
    from pg_class where relnamespace = 'app'::regnamespace
    union select 'sidecar.' || proname from pg_proc
    where pronamespace = 'sidecar'::regnamespace
"""


@dataclass(frozen=True)
class Scene:
    """Two owners in the middle of paying, and what must not be told.

    Attributes:
        client: sends.
        callers: who asks, by the role that the database knows.
        known: ids of both.
        secret: names behind the schema, and what is the other owner's.
        told: how often each status was the answer.
    """

    client: httpx.Client
    callers: dict[str, Api]
    known: list[UUID]
    secret: set[str]
    told: Counter[int] = field(default_factory=Counter)

    def headers(self, role: str) -> dict[str, str]:
        """Return the credentials of a role."""
        token = self.callers[role].access_token
        return {"Authorization": f"Bearer {token}"} if token else {}


@pytest.fixture(scope="module")
def scene(system: System) -> Iterator[Scene]:
    """Somebody who asks, and somebody else, each with a thing of every kind."""
    owner, other = new_owner(system.api_url), new_owner(system.api_url)
    known = []
    for each in (owner, other):
        consultation_id, payment = started_payment(each)
        known += [UUID(consultation_id), UUID(payment["paymentId"])]
        known.append(UUID(each.call("GET", "/me").data["id"]))
        known.append(UUID(each.call("GET", "/pets").data[0]["id"]))
    with psycopg.connect(system.database_url, row_factory=dict_row) as database:
        secret = {row["name"] for row in rows(database, _BEHIND)} | {other.mobile}
    callers = {"anon": Api(system.api_url), "app_user": owner}
    with httpx.Client(base_url=f"{system.api_url}/rest/v1", timeout=20) as client:
        yield Scene(client, callers, known, secret)


def described(scene: Scene) -> list[Place]:
    """List what PostgREST tells an owner that there is; nobody else is told so much."""
    return places(scene.client.get("/", headers=scene.headers("app_user")).json())


def send(scene: Scene, role: str, request: Request) -> None:
    """Send a request, and look at what it is told."""
    headers = {"Content-Type": "application/json"} | scene.headers(role)
    headers |= request.headers
    began = monotonic()
    answer = scene.client.request(
        request.method,
        request.path,
        content=request.content,
        headers=[(n.encode(), text.encode()) for n, text in headers.items()],
    )
    assert monotonic() - began < _LONGEST, request
    scene.told[answer.status_code] += 1
    assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, (request, answer.text)
    sent = request.path + json.dumps(request.body, ensure_ascii=False)
    told = {name for name in scene.secret if name in answer.text and name not in sent}
    assert not told, (request, answer.text)


@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")  # of size
@pytest.mark.parametrize("role", ["anon", "app_user"])
def test_nothing_that_is_sent_breaks_anything(scene: Scene, role: str) -> None:
    found = described(scene)
    assert found

    def try_out(place: Place) -> None:
        @bounded(_EXAMPLES)
        @given(requests(place, scene.known))
        def each(request: Request) -> None:
            send(scene, role, request)

        each()

    scene.told.clear()
    for place in found:
        try_out(place)
    assert scene.told[HTTPStatus.BAD_REQUEST] > _EXAMPLES
    reached = HTTPStatus.UNAUTHORIZED if role == "anon" else HTTPStatus.OK
    assert scene.told[reached] > _EXAMPLES, scene.told


def test_a_name_from_behind_would_be_noticed(scene: Scene) -> None:
    """PostgREST names the function that it does not find: let that be a secret."""
    request = Request("POST", "/rpc/hold_slots", {})
    send(scene, "app_user", request)
    with pytest.raises(AssertionError, match="hold_slot"):
        send(replace(scene, secret={"api.hold_slot"}), "app_user", request)
