"""Every failure comes in one shape and tells nothing of what is behind it."""

import json

import httpx
import pytest

from tests.gateway.answers import (
    BEARER,
    ID,
    JSON,
    fields,
    postgrest_error,
    refusal,
    send_bytes,
)
from tests.gateway.nginx import Gateway, running_gateway
from tests.gateway.upstream import Upstream, answer

PET = f"/api/v1/pets/{ID}"
SECRET = 'relation "app.secrets" does not exist'


@pytest.mark.parametrize(
    "path",
    ["/", "/nowhere", "/api", "/api/v1", "/api/v1/", "/api/v1/nope", "/api/v1/pets/a/b",
     "/api/v1/%ff", "/api/v1/__proto__", "/failure", "/postgrest/pets", "/api/v1/ME"],
)  # fmt: skip
def test_there_is_nothing_elsewhere(client: httpx.Client, path: str) -> None:
    assert refusal(client.get(path)) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/v1/me", "GET, HEAD, OPTIONS"),
        ("/api/v1/pets", "POST, GET, HEAD, OPTIONS"),
        (PET, "GET, HEAD, PUT, DELETE, OPTIONS"),
        ("/api/v1/payments/callback/zarinpal", "GET, OPTIONS"),
        ("/api/v1/auth/login", "POST, OPTIONS"),
        ("/api/v1/admin/users/preview", "POST, OPTIONS"),
    ],
)
def test_a_method_that_a_path_does_not_take(
    client: httpx.Client, path: str, allowed: str
) -> None:
    response = client.patch(path, headers=BEARER)
    assert refusal(response) == (405, "METHOD_NOT_ALLOWED")
    assert response.headers["Allow"] == allowed
    assert client.options(path).headers["Allow"] == allowed


def test_head_stands_for_no_get_that_does_more_than_look(
    client: httpx.Client, sidecar: Upstream
) -> None:
    response = client.head("/api/v1/uploads/presign", headers=BEARER)
    assert response.status_code == 405
    assert response.headers.get_list("Allow") == ["GET, OPTIONS"]
    assert not sidecar.received


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("TRACE", PET, "GET, HEAD, PUT, DELETE, OPTIONS"),
        ("TRACE", "/readyz", "GET, HEAD"),
        ("POST", "/docs/", "GET, HEAD"),
        ("OPTIONS", "/docs/", "GET, HEAD"),
        ("DELETE", "/openapi.json", "GET, HEAD"),
    ],
)
def test_what_nginx_refuses_by_itself_says_what_is_allowed(
    client: httpx.Client, method: str, path: str, allowed: str
) -> None:
    response = client.request(method, path)
    assert refusal(response) == (405, "METHOD_NOT_ALLOWED")
    assert response.headers.get_list("Allow") == [allowed]


@pytest.mark.parametrize(
    "name", ["\\ud83d\\udc08", "\\\\ud83d", "\\\\\\\\udc08", "\\u0627"]
)
def test_whole_characters_may_be_escaped(
    client: httpx.Client, postgrest: Upstream, name: str
) -> None:
    body = f'{{"name":"{name}"}}'
    sent = client.post("/api/v1/pets", headers=BEARER | JSON, content=body)
    assert sent.status_code == 201
    assert postgrest.only.json() == json.loads(body)


@pytest.mark.parametrize(
    "body",
    [
        *(b"{", b"{'a':1}", b"", b"{}x", b'{"type":"\xff"}', b"[" * 1000, b"\x00"),
        *(b"NaN", b"\xef\xbb\xbf{}", b'{"type":"\\ud83d"}', b'{"\\uDC08\\uD83D":1}'),
        *(b'{"type":"\\\\\\ud83d"}', b'{"type":"\\ud83d\\u0041"}'),
    ],
)
def test_a_body_that_is_not_json(
    client: httpx.Client, postgrest: Upstream, body: bytes
) -> None:
    response = client.post("/api/v1/pets", headers=BEARER | JSON, content=body)
    if body:
        assert refusal(response) == (400, "INVALID_JSON")
        assert not postgrest.received
    else:  # none at all is an empty one: the function says what it misses
        assert postgrest.only.json() == {}


@pytest.mark.parametrize("body", ["[]", "null", "1", '"text"', "true"])
def test_a_body_that_is_not_an_object(client: httpx.Client, body: str) -> None:
    response = client.post("/api/v1/pets", headers=BEARER | JSON, content=body)
    assert fields(response) == {"body"}


@pytest.mark.parametrize(
    "request_line",
    [
        "garbage",
        "GET / HTTP/9.9",
        "GET /\x01 HTTP/1.1\r\nHost: x",
        "GET / HTTP/1.1",
        "GET / HTTP/1.1\r\nHost: x\r\nno colon",
        "GET / HTTP/1.1\r\nHost: x\r\nAuthorization: a\r\nAuthorization: b",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: odd",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked",
        "OPTIONS * HTTP/1.1\r\nHost: x",
    ],
)
def test_a_request_that_can_not_be_read(gateway: Gateway, request_line: str) -> None:
    response = send_bytes(gateway, f"{request_line}\r\n\r\n".encode())
    assert refusal(response) == (400, "VALIDATION_FAILED")
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("reply", "status", "code"),
    [
        (postgrest_error(401, "PGRST301", SECRET), 401, "UNAUTHENTICATED"),
        (postgrest_error(401, "PGRST303", SECRET), 401, "UNAUTHENTICATED"),
        (postgrest_error(401, "42501", SECRET), 401, "UNAUTHENTICATED"),
        (postgrest_error(403, "42501", SECRET), 403, "FORBIDDEN"),
        (postgrest_error(406, "PGRST116", SECRET), 404, "NOT_FOUND"),
        (postgrest_error(404, "PGRST202", SECRET), 422, "VALIDATION_FAILED"),
        (postgrest_error(400, "22P02", SECRET), 422, "VALIDATION_FAILED"),
        (postgrest_error(400, "22007", SECRET), 422, "VALIDATION_FAILED"),
        (postgrest_error(400, "22012", SECRET), 500, "INTERNAL"),
        (postgrest_error(400, "23514", SECRET), 422, "VALIDATION_FAILED"),
        (postgrest_error(409, "23505", SECRET), 409, "CONFLICT"),
        (postgrest_error(500, "55P03", SECRET), 503, "UNAVAILABLE"),
        (postgrest_error(500, "57014", SECRET), 503, "UNAVAILABLE"),
        (postgrest_error(500, "40P01", SECRET), 503, "UNAVAILABLE"),
        (postgrest_error(503, "PGRST000", SECRET), 503, "UNAVAILABLE"),
        (postgrest_error(504, "PGRST003", SECRET), 503, "UNAVAILABLE"),
        (postgrest_error(404, "42P01", SECRET), 500, "INTERNAL"),
        (postgrest_error(400, "P0001", SECRET), 500, "INTERNAL"),
        (postgrest_error(300, "PGRST203", SECRET), 500, "INTERNAL"),
        (answer({}, 404), 500, "INTERNAL"),
        (answer(None, 401), 401, "UNAUTHENTICATED"),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\n\xff\xfe{[", 500, "INTERNAL"),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 9\r\n\r\nSomething", 500, "INTERNAL"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{", 503, "UNAVAILABLE"),
        (answer({"id": ID})[:-9], 503, "UNAVAILABLE"),
        (b"nonsense\r\n\r\n", 503, "UNAVAILABLE"),
        (b"", 503, "UNAVAILABLE"),
    ],
)  # fmt: skip
def test_what_postgrest_says_is_translated(
    client: httpx.Client, postgrest: Upstream, reply: bytes, status: int, code: str
) -> None:
    postgrest.reply = reply
    response = client.get(PET, headers=BEARER)
    assert refusal(response) == (status, code)
    assert "secrets" not in response.text
    assert "a table" not in response.text
    assert ("WWW-Authenticate" in response.headers) is (status == 401)
    assert ("Retry-After" in response.headers) is (status == 503)


def test_our_own_refusals_keep_their_words_and_details(
    client: httpx.Client, postgrest: Upstream
) -> None:
    details = {"nearest_slots": [{"start_at": "a_b\": 'c_d'"}], "hold_count": 2}
    message = "این زمان پر است."
    postgrest.reply = postgrest_error(409, "SLOT_FULL", message, json.dumps(details))
    response = client.get(PET, headers=BEARER)
    assert refusal(response) == (409, "SLOT_FULL")
    assert response.json()["error"] == {
        "code": "SLOT_FULL",
        "message": message,
        "details": {"nearestSlots": [{"startAt": "a_b\": 'c_d'"}], "holdCount": 2},
    }


@pytest.mark.parametrize(("code", "calls"), [("42804", 2), ("23505", 1)])
def test_a_call_that_a_migration_overtook_is_made_again(
    client: httpx.Client, postgrest: Upstream, code: str, calls: int
) -> None:
    postgrest.reply = postgrest_error(400, code, SECRET)
    response = client.post("/api/v1/pets", content='{"type":"CAT"}', headers=JSON)
    assert response.status_code >= 400
    bodies = [request.body for request in postgrest.received]
    assert bodies == [b'{"type":"CAT"}'] * calls


def test_retry_after_is_passed_on_once(
    client: httpx.Client, postgrest: Upstream
) -> None:
    body = {"code": "RATE_LIMITED", "message": "Slower."}
    postgrest.reply = answer(body, 429, {"Retry-After": "60"})
    response = client.get(PET, headers=BEARER)
    assert refusal(response) == (429, "RATE_LIMITED")
    assert response.headers.get_list("Retry-After") == ["60"]


def test_the_value_that_postgresql_could_not_read_names_its_field(
    client: httpx.Client, postgrest: Upstream
) -> None:
    message = 'invalid input value for enum app.pet_type: "BI"RD"'
    postgrest.reply = postgrest_error(400, "22P02", message)
    body = {"type": 'BI"RD', "name": "BIRD", "birthDate": None}
    response = client.post("/api/v1/pets", headers=BEARER, json=body)
    assert fields(response) == {"type"}
    assert "enum" not in response.text


def test_nobody_behind_the_gateway(gateway: Gateway) -> None:
    """Ports that nobody listens on; not a hang, and no page of nginx's own."""
    del gateway  # its port is taken
    with running_gateway("127.0.0.1:1", "127.0.0.1:1") as alone:
        for path in ("/api/v1/pets", "/api/v1/payments/callback/zarinpal", "/readyz"):
            response = httpx.get(alone.url + path)
            assert refusal(response) == (503, "UNAVAILABLE")
        rest = httpx.get(f"{alone.url}/rest/v1/pets")
        assert rest.status_code == 503
        assert rest.json()["code"] == "UNAVAILABLE"


@pytest.mark.parametrize(
    "target",
    ["pets?select=%ff", "%FF", "pets?x=%ed%a0%80", "pets?x=%zz", "pets?x=\xff"],
)
def test_rest_is_asked_for_nothing_that_is_no_text(
    gateway: Gateway, postgrest: Upstream, target: str
) -> None:
    """PostgREST would answer 500, in plain text."""
    line = f"GET /rest/v1/{target} HTTP/1.1\r\nHost: x\r\n\r\n"
    response = send_bytes(gateway, line.encode("latin-1"))
    assert response.status_code == 400
    assert response.json()["code"] == "VALIDATION_FAILED"
    assert not postgrest.received


@pytest.mark.parametrize("name", ["%D9%BE", "پ", "%", "a%2Cb"])
def test_rest_takes_text_as_it_is_written(
    gateway: Gateway, postgrest: Upstream, name: str
) -> None:
    line = f"GET /rest/v1/pets?name=eq.{name} HTTP/1.1\r\nHost: x\r\n\r\n"
    assert send_bytes(gateway, line.encode()).status_code == 200
    assert postgrest.only.target.encode("latin-1") == f"/pets?name=eq.{name}".encode()


def test_rest_keeps_postgrests_shape(client: httpx.Client, postgrest: Upstream) -> None:
    postgrest.reply = postgrest_error(400, "22P02", "as it is")
    response = client.get("/rest/v1/pets")
    assert (response.status_code, response.json()["message"]) == (400, "as it is")
    response = client.post("/rest/v1/pets", content="a", headers=BEARER)
    assert response.status_code == 415
    assert response.json() == {
        "code": "UNSUPPORTED_MEDIA_TYPE",
        "message": "The body must be application/json.",
        "details": None,
        "hint": None,
    }


def test_the_sidecars_answers_pass_as_they_are(
    client: httpx.Client, sidecar: Upstream
) -> None:
    body = {"ok": False, "error": {"code": "GATEWAY_UNAVAILABLE"}}
    sidecar.reply = answer(body, 502, {"Set-Cookie": "a=b; HttpOnly"})
    headers = BEARER | JSON
    response = client.post("/api/v1/payments/initiate", headers=headers, content="{}")
    assert (response.status_code, response.json()) == (502, body)
    assert response.headers["Set-Cookie"] == "a=b; HttpOnly"


@pytest.mark.parametrize("path", [PET, "/api/v1/nope", "/nowhere"])
def test_head_is_get_without_the_body(
    client: httpx.Client, postgrest: Upstream, path: str
) -> None:
    postgrest.reply = answer({"id": ID})
    got, head = client.get(path), client.head(path)
    assert head.status_code == got.status_code
    assert head.headers["Content-Length"] == got.headers["Content-Length"]
    assert head.content == b""
