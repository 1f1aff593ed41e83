"""Security headers are on every answer, once."""

import httpx
import pytest

from tests.gateway.answers import BEARER, ID, JSON
from tests.gateway.nginx import running_gateway
from tests.gateway.upstream import Upstream, answer

ONCE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Cache-Control": "no-store",
    "Server": "nginx",
    "Vary": "Origin",
}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/me", 200),
        ("GET", "/rest/v1/pets", 200),
        ("POST", "/api/v1/auth/logout", 200),
        ("GET", "/readyz", 200),
        ("OPTIONS", "/api/v1/pets", 204),
        ("OPTIONS", "/rest/v1/pets", 204),
        ("GET", "/rest/v1", 404),
        ("GET", "/api/v1/pets/1", 422),
        ("GET", "/nowhere", 404),
        ("PATCH", "/api/v1/pets", 405),
        ("TRACE", "/rest/v1/pets", 405),
        ("GET", "/api/v1/pets?x=" + "a" * 9000, 414),
    ],
)
def test_every_answer_has_them(
    client: httpx.Client, method: str, path: str, status: int
) -> None:
    response = client.request(method, path, headers=BEARER)
    assert response.status_code == status
    for name, value in ONCE.items():
        assert response.headers.get_list(name) == [value]


def test_a_page_of_the_sidecars_keeps_its_own_policy(
    client: httpx.Client, sidecar: Upstream
) -> None:
    own = {
        "Content-Security-Policy": "form-action 'self'",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "private",
    }
    sidecar.reply = answer("page", headers=own)
    response = client.get(f"/api/v1/payments/mock/{ID}")
    for name, value in own.items():
        assert response.headers.get_list(name) == [value]
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_what_postgrest_tells_of_itself_stays_here(
    client: httpx.Client, postgrest: Upstream
) -> None:
    told = {
        "Server": "postgrest",
        "Proxy-Status": "PostgREST",
        "Content-Location": "/x",
    }
    postgrest.reply = answer(headers=told)
    for path in ("/rest/v1/pets", "/api/v1/me"):
        response = client.get(path, headers=BEARER | JSON)
        assert response.headers.get_list("Server") == ["nginx"]
        assert not {"proxy-status", "content-location"} & response.headers.keys()


def test_plain_http_does_not_promise_https(
    postgrest: Upstream, sidecar: Upstream
) -> None:
    local = "http://localhost:8080"
    with running_gateway(postgrest.address, sidecar.address, local) as plain:
        response = httpx.get(f"{plain.url}/nowhere", headers={"Origin": local})
        assert "Strict-Transport-Security" not in response.headers
        assert response.headers["Access-Control-Allow-Origin"] == local
