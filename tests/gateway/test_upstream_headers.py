"""Nothing that nginx did not set reaches PostgREST or the sidecar."""

import httpx
import pytest

from tests.gateway.answers import BEARER, COOKIE, ID, JSON, TOKEN
from tests.gateway.upstream import Upstream

SMUGGLED = {
    "X-User-Id": "someone-else",
    "X-Real-IP": "10.0.0.1",
    "X-Forwarded-For": "10.0.0.1",
    "X-Path-Id": ID,
    "Forwarded": "for=10.0.0.1",
    "Accept-Profile": "app",
    "Content-Profile": "app",
    "X-HTTP-Method-Override": "DELETE",
    "User-Agent": "evil",
    "If-None-Match": "*",
}
SET_BY_NGINX = {"host", "x-request-id", "x-real-ip", "authorization", "content-type"}


def names(upstream: Upstream) -> set[str]:
    """Those that arrived, but for the body's length, which nginx measures itself."""
    return {name.lower() for name in upstream.only.headers} - {"content-length"}


@pytest.mark.parametrize("path", ["/rest/v1/pets", "/api/v1/pets"])
def test_no_header_of_the_callers_reaches_postgrest(
    client: httpx.Client, postgrest: Upstream, path: str
) -> None:
    client.get(path, headers=SMUGGLED | COOKIE | {"Accept": "application/json"})
    assert names(postgrest) == SET_BY_NGINX | {"accept"}
    assert postgrest.only.headers["X-Real-IP"] == "127.0.0.1"


def test_no_header_of_the_callers_reaches_the_sidecar(
    client: httpx.Client, sidecar: Upstream
) -> None:
    headers = SMUGGLED | BEARER | JSON | {"Cookie": "refresh=a.b.c"}
    client.post("/api/v1/payments/initiate", headers=headers, content="{}")
    assert names(sidecar) == SET_BY_NGINX


@pytest.mark.parametrize("path", ["/rest/v1/pets", "/api/v1/pets"])
def test_the_access_cookie_becomes_the_token(
    client: httpx.Client, postgrest: Upstream, path: str
) -> None:
    client.get(path, headers=COOKIE)
    assert postgrest.only.headers["Authorization"] == f"Bearer {TOKEN}"


def test_a_token_in_the_header_wins_over_the_cookie(
    client: httpx.Client, postgrest: Upstream
) -> None:
    client.get("/rest/v1/pets", headers=COOKIE | {"Authorization": "Bearer mine"})
    assert postgrest.only.headers["Authorization"] == "Bearer mine"


def test_nobody_stays_nobody(client: httpx.Client, postgrest: Upstream) -> None:
    client.get("/rest/v1/pets", headers={"Cookie": "other=1; access="})
    assert "Authorization" not in postgrest.only.headers


@pytest.mark.parametrize(
    "header",
    [
        (b"Authorization", b"Bearer \xff\xfe"),
        (b"Authorization", "Bearer رمز".encode()),
        (b"Cookie", b"access=\xff"),
        (b"Cookie", b'access="a b"'),
    ],
)
def test_a_token_that_is_not_ascii_is_sent_on_as_an_invalid_one(
    client: httpx.Client, postgrest: Upstream, header: tuple[bytes, bytes]
) -> None:
    client.get("/api/v1/me", headers=[header])
    assert postgrest.only.headers["Authorization"] == "Bearer malformed"


def test_what_postgrest_could_not_decode_is_left_out(
    client: httpx.Client, postgrest: Upstream
) -> None:
    odd = [(b"Accept", b"\xff"), (b"Prefer", b"\xff"), (b"Range", b"bytes=0-1")]
    client.get("/rest/v1/pets", headers=odd)
    assert names(postgrest) == SET_BY_NGINX - {"authorization"}


def test_the_refresh_cookie_goes_to_the_auth_path_alone(
    client: httpx.Client, sidecar: Upstream
) -> None:
    cookies = COOKIE | {"Cookie": f"refresh=a.b.c; access={TOKEN}; other=1"}
    origin = {"Origin": "https://vetline.example"}
    client.post("/api/v1/auth/refresh", headers=cookies | origin)
    client.post("/api/v1/payments/initiate", headers=cookies | origin)
    auth, payments = sidecar.received
    assert auth.headers["Cookie"] == "refresh=a.b.c"
    assert "Cookie" not in payments.headers


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/auth/login"),
        ("GET", f"/api/v1/payments/mock/{ID}"),
        ("GET", "/api/v1/payments/callback/zarinpal?n=x&Status=OK"),
        ("GET", "/readyz"),
    ],
)
def test_where_nobody_is_signed_in_no_credentials_go(
    client: httpx.Client, sidecar: Upstream, method: str, path: str
) -> None:
    cookies = {"Cookie": f"refresh=a.b.c; access={TOKEN}"}
    client.request(method, path, headers=cookies)
    assert sidecar.only.target == path
    assert not {"authorization", "cookie", "origin"} & names(sidecar)


@pytest.mark.parametrize(
    ("sent", "passed"),
    [
        ("return=representation", "return=representation"),
        ("count=exact", None),
        ("return=minimal, Count=exact", "return=minimal"),
        ("count=exact,return=minimal,count=planned", "return=minimal"),
        ("count = exact , handling=strict", " handling=strict"),
    ],
)
def test_counting_every_row_can_not_be_asked_for(
    client: httpx.Client, postgrest: Upstream, sent: str, passed: str | None
) -> None:
    client.get("/rest/v1/pets", headers={"Prefer": sent})
    got = postgrest.only.headers["Prefer"]
    assert got == (passed and passed.strip())


def test_two_prefer_headers_are_no_way_around_it(
    client: httpx.Client, postgrest: Upstream
) -> None:
    twice = [("Prefer", "return=minimal"), ("Prefer", "count=exact")]
    client.get("/rest/v1/pets", headers=twice)
    assert postgrest.only.headers["Prefer"] == "return=minimal"


def test_rest_passes_on_what_a_postgrest_client_needs(
    client: httpx.Client, postgrest: Upstream
) -> None:
    wanted = {"Accept": "text/csv", "Prefer": "return=minimal", "Range": "0-9"}
    client.post(
        "/rest/v1/rpc/hold_slot?select=id&x=a%20b",
        headers=BEARER | JSON | wanted,
        content='{"consultation_id":1}',
    )
    request = postgrest.only
    assert (request.method, request.target) == (
        "POST",
        "/rpc/hold_slot?select=id&x=a%20b",
    )
    assert {name: request.headers[name] for name in wanted} == wanted
    assert request.json() == {"consultation_id": 1}


def test_the_sidecar_gets_the_path_that_was_matched(
    client: httpx.Client, sidecar: Upstream
) -> None:
    client.post("/api/v1/auth/x/%2e%2e/login?a=%2e", headers=JSON, content="{}")
    assert sidecar.only.target == "/api/v1/auth/login?a=%2e"
