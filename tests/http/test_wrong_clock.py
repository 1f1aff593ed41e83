"""A sidecar whose clock is an hour off signs people in and lets them in as any other.

The times of tokens are the database's: written by its clock, and held against it.
"""

import os
from collections.abc import Iterator
from http import HTTPStatus
from http.cookies import SimpleCookie
from typing import Any
from uuid import uuid4

import jwt
import pytest

from stack.background import System
from tests.http.payments.scene import sidecar_environment
from tests.http.payments.sidecars import another_sidecar
from tests.support import web
from tests.support.api import Api, new_owner
from tests.support.wrong_clock import clock_off

MONTH = 30 * 24 * 3600


@pytest.fixture(params=[3600, -3600], ids=["ahead", "behind"], scope="module")
def wrong(system: System, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a sidecar beside the system's, which is right."""
    path = os.environ["PYTHONPATH"]
    with (
        clock_off(path, request.param) as clock,
        another_sidecar(system, RUN_WORKERS="false", **clock) as (url, _),
    ):
        yield url


def given(url: str, **body: str) -> dict[str, Any]:
    """Get tokens from a sidecar, which must give them."""
    answer = web.post(f"{url}/api/v1/auth/token", json=body)
    assert answer.status_code == HTTPStatus.OK, answer.text
    tokens: dict[str, Any] = answer.json()["data"]
    return tokens


def statuses(url: str, api_url: str, token: str) -> list[int]:
    """Return what both surfaces, and the sidecar of the wrong clock, answer to it."""
    bearer = {"Authorization": f"Bearer {token}"}
    nothing = {"consultationId": str(uuid4())}
    path = "/api/v1/payments/initiate"
    return [
        web.get(f"{api_url}/api/v1/pets", headers=bearer).status_code,
        web.get(f"{api_url}/rest/v1/pets", headers=bearer).status_code,
        web.post(f"{api_url}{path}", headers=bearer, json=nothing).status_code,
        web.post(f"{url}{path}", headers=bearer, json=nothing).status_code,
    ]


def test_its_tokens_are_good_everywhere_and_it_takes_all_others(
    system: System, wrong: str
) -> None:
    owner = new_owner(system.api_url)
    mine = {"mobile": owner.mobile, "password": owner.password}
    there = given(wrong, **mine)
    renewed_here = given(system.api_url, refreshToken=there["refreshToken"])
    renewed_there = given(wrong, refreshToken=owner.refresh_token)
    for pair in (there, renewed_here, renewed_there):
        told = statuses(wrong, system.api_url, pair["accessToken"])
        assert told == [200, 200, 404, 404]


def test_its_cookies_last_as_long_as_any(system: System, wrong: str) -> None:
    owner = new_owner(system.api_url)
    mine = {"mobile": owner.mobile, "password": owner.password}
    answer = web.post(f"{wrong}/api/v1/auth/login", json=mine)
    (refresh,) = (
        each
        for each in answer.headers.get_list("set-cookie")
        if each.startswith("refresh=")
    )
    assert abs(int(SimpleCookie(refresh)["refresh"]["max-age"]) - MONTH) < 60


def test_it_does_not_take_a_token_that_has_ended(
    system: System, owner: Api, wrong: str
) -> None:
    secret = sidecar_environment(system)["JWT_ACCESS_SECRET"]
    token = owner.access_token or ""
    claims = jwt.decode(token, options={"verify_signature": False})
    ended = jwt.encode(claims | {"exp": claims["iat"] - 1}, secret)
    assert statuses(wrong, system.api_url, token) == [200, 200, 404, 404]
    assert statuses(wrong, system.api_url, ended) == [401] * 4
