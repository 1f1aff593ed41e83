"""Cookies are no good to other sites' pages, and ours may call from where we say."""

from collections.abc import Callable

import httpx
import pytest

from tests.gateway.answers import BEARER, COOKIE, ID, refusal
from tests.gateway.nginx import OTHER_ORIGIN, PUBLIC_ORIGIN
from tests.gateway.upstream import Upstream

REFRESH = {"Cookie": "refresh=a.b.c"}
STRANGERS = [
    "https://evil.example",
    "null",
    f"{PUBLIC_ORIGIN}.evil.example",
    "https://vetline.exampl",
    "http://vetline.example",
    f"{PUBLIC_ORIGIN}:8443",
    f"{PUBLIC_ORIGIN} {OTHER_ORIGIN}",
    f"https://evil.example {PUBLIC_ORIGIN}",
    "x x",
]
CHANGES = [
    ("POST", "/api/v1/pets"),
    ("PUT", f"/api/v1/pets/{ID}"),
    ("PATCH", f"/api/v1/notifications/{ID}/read"),
    ("DELETE", f"/api/v1/pets/{ID}"),
    ("POST", "/api/v1/payments/initiate"),
    ("POST", "/api/v1/auth/logout"),
    ("POST", "/rest/v1/rpc/create_pet"),
    ("PATCH", "/rest/v1/pets"),
    ("DELETE", "/rest/v1/pets"),
]


@pytest.fixture
def arrivals(postgrest: Upstream, sidecar: Upstream) -> Callable[[], int]:
    """Counts what has reached an upstream, whichever it is."""
    return lambda: len(postgrest.received) + len(sidecar.received)


@pytest.mark.parametrize("origin", [None, *STRANGERS])
@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_a_cookie_alone_changes_nothing(
    client: httpx.Client,
    arrivals: Callable[[], int],
    method: str,
    path: str,
    origin: str | None,
) -> None:
    headers = COOKIE | ({"Origin": origin} if origin else {})
    response = client.request(method, path, headers=headers)
    assert response.status_code == 403
    assert response.json().get("error", response.json())["code"] == "FORBIDDEN"
    assert arrivals() == 0


def test_the_refresh_cookie_counts_as_well(
    client: httpx.Client, sidecar: Upstream
) -> None:
    response = client.post("/api/v1/auth/refresh", headers=REFRESH)
    assert refusal(response) == (403, "FORBIDDEN")
    assert not sidecar.received


@pytest.mark.parametrize("origin", [PUBLIC_ORIGIN, OTHER_ORIGIN])
@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_a_cookie_with_one_of_our_origins_may(
    client: httpx.Client,
    arrivals: Callable[[], int],
    method: str,
    path: str,
    origin: str,
) -> None:
    client.request(method, path, headers=COOKIE | {"Origin": origin})
    assert arrivals() == 1


@pytest.mark.parametrize("headers", [BEARER, COOKIE | BEARER, {}])
@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_a_script_needs_no_origin(
    client: httpx.Client,
    arrivals: Callable[[], int],
    method: str,
    path: str,
    headers: dict[str, str],
) -> None:
    client.request(method, path, headers=headers)
    assert arrivals() == 1


@pytest.mark.parametrize("path", ["/api/v1/pets", "/rest/v1/pets"])
def test_reading_needs_no_origin(
    client: httpx.Client, postgrest: Upstream, path: str
) -> None:
    client.get(path, headers=COOKIE | {"Origin": "https://evil.example"})
    client.head(path, headers=COOKIE)
    assert len(postgrest.received) == 2


def test_the_mock_bank_takes_its_form_from_anywhere(
    client: httpx.Client, sidecar: Upstream
) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "null"}
    path = f"/api/v1/payments/mock/{ID}"
    client.post(path, headers=COOKIE | form, content="outcome=paid")
    assert sidecar.only.body == b"outcome=paid"
    assert sidecar.only.headers["Content-Type"] == form["Content-Type"]


@pytest.mark.parametrize(
    "path", ["/api/v1/pets", "/api/v1/auth/login", "/rest/v1/rpc/create_pet"]
)
@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "text/plain; application/json",
        None,
    ],
)
def test_a_body_that_another_site_can_post_is_refused(
    client: httpx.Client, path: str, content_type: str | None
) -> None:
    headers = BEARER | ({"Content-Type": content_type} if content_type else {})
    response = client.post(path, headers=headers, content='{"type":"DOG"}')
    assert response.status_code == 415
    error = response.json().get("error", response.json())
    assert error["code"] == "UNSUPPORTED_MEDIA_TYPE"


@pytest.mark.parametrize(
    "value", ["application/json; charset=utf-8", "Application/JSON"]
)
def test_json_is_json_in_other_words(
    client: httpx.Client, postgrest: Upstream, value: str
) -> None:
    headers = BEARER | {"Content-Type": value}
    client.post("/rest/v1/rpc/create_pet", headers=headers, content="{}")
    assert postgrest.only.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("path", ["/api/v1/pets", "/rest/v1/pets", "/api/v1/me"])
def test_a_preflight_of_ours_is_answered_here(
    client: httpx.Client, postgrest: Upstream, path: str
) -> None:
    asked = {"Origin": OTHER_ORIGIN, "Access-Control-Request-Method": "PATCH"}
    response = client.options(path, headers=asked)
    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Origin"] == OTHER_ORIGIN
    assert response.headers["Access-Control-Allow-Credentials"] == "true"
    assert "PATCH" in response.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in response.headers["Access-Control-Allow-Headers"]
    assert not postgrest.received


@pytest.mark.parametrize("method", ["OPTIONS", "GET"])
@pytest.mark.parametrize("origin", STRANGERS)
@pytest.mark.parametrize("path", ["/api/v1/pets", "/rest/v1/pets"])
def test_no_other_page_may_read(
    client: httpx.Client, path: str, origin: str, method: str
) -> None:
    response = client.request(method, path, headers={"Origin": origin})
    assert not [name for name in response.headers if name.startswith("access-control")]
    assert response.headers["Vary"] == "Origin"


@pytest.mark.parametrize("path", ["/api/v1/pets", "/rest/v1/pets", "/nowhere"])
def test_our_pages_may_read_answers_and_refusals(
    client: httpx.Client, path: str
) -> None:
    response = client.get(path, headers={"Origin": PUBLIC_ORIGIN})
    allowed = response.headers.get_list("Access-Control-Allow-Origin")
    assert allowed == [PUBLIC_ORIGIN]
    assert "X-Request-Id" in response.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Methods" not in response.headers
