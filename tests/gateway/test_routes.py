"""Each line of the route table becomes the call that it says."""

import json
import re
from typing import Any, NamedTuple

import httpx
import pytest

from gateway.site.routes import Route, read_routes
from tests.gateway.answers import BEARER, ID, JSON, fields
from tests.gateway.upstream import Upstream, answer

ONE = "application/vnd.pgrst.object+json"
MANY = "application/json"
CONSULTATION = f"/api/v1/consultations/{ID}"
OTHER_ID = "01a20a8a-cf62-7b4c-be12-000000000000"


class Call(NamedTuple):
    """A request and what becomes of it."""

    method: str
    path: str
    body: Any
    target: str
    arguments: Any
    wanted: str = ONE
    status: int = 200


PET = {"type": "DOG", "name": "رکس", "birthDate": "2020-01-02"}
PET_ARGUMENTS = {"type": "DOG", "name": "رکس", "birth_date": "2020-01-02"}
TIME = "2027-01-02T17:00:00+03:30"
CONSULTATION_ID = {"consultation_id": ID}
CALLS = [
    Call("GET", "/me", None, "/me", None),
    Call("POST", "/pets", PET, "/rpc/create_pet", PET_ARGUMENTS, status=201),
    Call("GET", "/pets", None, "/pets", None, MANY),
    Call("GET", f"/pets/{ID}", None, "/pets", None),
    Call("PUT", f"/pets/{ID}", {"neutered": None},
         "/rpc/replace_pet", {"neutered": None, "pet_id": ID}),
    Call("DELETE", f"/pets/{ID}", None, "/rpc/delete_pet", {"pet_id": ID}, MANY),
    Call("POST", "/consultations", {"petId": ID, "type": "SPECIALIST"},
         "/rpc/create_consultation", {"pet_id": ID, "type": "SPECIALIST"}, status=201),
    Call("GET", "/consultations", None, "/consultations", None, MANY),
    Call("GET", f"/consultations/{ID}", None, "/consultations", None),
    Call("POST", f"/consultations/{ID}/hold-slot", {"startAt": TIME},
         "/rpc/hold_slot", {"start_at": TIME} | CONSULTATION_ID),
    Call("DELETE", f"/consultations/{ID}/hold-slot", None,
         "/rpc/release_hold", CONSULTATION_ID),
    Call("POST", f"/consultations/{ID}/cancel", None,
         "/rpc/cancel_consultation", CONSULTATION_ID),
    Call("GET", "/availability?from=2027-01-01&to=2027-01-31", None,
         "/rpc/availability", {"from": "2027-01-01", "to": "2027-01-31"}, MANY),
    Call("POST", "/admin/doctors/preview", {"doctorId": ID},
         "/rpc/preview_deactivation", {"doctor_id": ID}, MANY),
    Call("PATCH", f"/admin/doctors/{ID}", {"isActive": False},
         "/rpc/update_doctor", {"is_active": False, "doctor_id": ID}),
    Call("POST", "/admin/closures", {"startAt": TIME, "reason": "نوروز"},
         "/rpc/create_closure", {"start_at": TIME, "reason": "نوروز"}, status=201),
    Call("DELETE", f"/admin/absences/{ID}", None,
         "/rpc/delete_absence", {"absence_id": ID}, MANY),
    Call("PATCH", f"/admin/notifications/{ID}/read", None,
         "/rpc/read_admin_notification", {"notification_id": ID}),
    Call("GET", "/admin/config", None, "/admin_config", None),
    Call("PATCH", "/admin/config", {"reminderMinutes": None},
         "/rpc/update_config", {"changes": {"reminder_minutes": None}}, MANY),
    Call("GET", "/doctor/appointments?status=CONFIRMED&limit=2", None,
         "/rpc/search_doctor_appointments",
         {"status": "CONFIRMED", "max_rows": 3}, MANY),
    Call("POST", f"/doctor/appointments/{ID}/complete", {"outcome": "NO_SHOW"},
         "/rpc/complete_appointment", {"outcome": "NO_SHOW", "appointment_id": ID}),
    Call("GET", "/admin/consultations?petType=CAT&name=%D8%B9%D9%84%DB%8C", None,
         "/rpc/search_consultations",
         {"pet_type": "CAT", "name": "علی", "max_rows": 21}, MANY),
    Call("PATCH", f"/admin/consultations/{ID}", {"outcome": "NO_SHOW"},
         "/rpc/edit_consultation", {"outcome": "NO_SHOW"} | CONSULTATION_ID),
    Call("GET", "/admin/payments?status=FAILED&mobile=%2B98912&limit=5", None,
         "/rpc/search_payments",
         {"status": "FAILED", "mobile": "+98912", "max_rows": 6}, MANY),
    Call("GET", "/admin/summary?from=2027-01-01&to=2027-01-31", None,
         "/rpc/summary", {"from": "2027-01-01", "to": "2027-01-31"}, MANY),
    Call("GET", "/admin/users", None, "/rpc/search_users", {"max_rows": 21}, MANY),
    Call("POST", f"/admin/users/{ID}/export", None,
         "/rpc/export_user", {"user_id": ID}, MANY),
    Call("POST", f"/admin/users/{ID}/erase", None,
         "/rpc/erase_user", {"user_id": ID}, MANY),
    Call("GET", "/notifications", None, "/notifications", None, MANY),
    Call("PATCH", f"/notifications/{ID}/read", None,
         "/rpc/read_notification", {"notification_id": ID}),
]  # fmt: skip


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.method} {call.path}")
def test_a_route_is_one_call(
    client: httpx.Client, postgrest: Upstream, call: Call
) -> None:
    path = f"/api/v1{call.path}"
    postgrest.reply = answer({"version": 1})
    response = client.request(call.method, path, json=call.body, headers=BEARER)
    assert response.status_code == call.status
    assert response.json()["ok"] is True
    made = postgrest.only
    method = "POST" if call.arguments else "GET"
    assert (made.method, made.path) == (method, call.target)
    assert (json.loads(made.body) if call.arguments else None) == call.arguments
    assert made.headers["Accept"] == call.wanted


def test_the_paths_id_is_a_filter(client: httpx.Client, postgrest: Upstream) -> None:
    client.get(f"/api/v1/pets/{ID}", headers=BEARER)
    assert postgrest.only.query["id"] == f"eq.{ID}"
    assert "birthDate:birth_date" in postgrest.only.query["select"]


SIDECAR_ROUTES = [
    ("POST", "/api/v1/auth/register"),
    ("POST", "/api/v1/auth/login"),
    ("POST", "/api/v1/auth/token"),
    ("POST", "/api/v1/auth/refresh"),
    ("POST", "/api/v1/auth/logout"),
    ("POST", "/api/v1/auth/change-password"),
    ("PATCH", f"/api/v1/consultations/{ID}/details"),
    ("POST", f"/api/v1/consultations/{ID}/attachments"),
    ("GET", "/api/v1/uploads/presign?category=IMAGE&ext=png&size=1"),
    ("GET", f"/api/v1/media/{ID}/download"),
    ("GET", f"/api/v1/admin/consultations/{ID}"),
    ("POST", "/api/v1/payments/initiate"),
    ("GET", "/api/v1/payments/callback/zarinpal?Authority=A&Status=OK"),
    ("GET", f"/api/v1/payments/mock/{ID}"),
    ("POST", f"/api/v1/payments/mock/{ID}"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
]


@pytest.mark.parametrize(("method", "path"), SIDECAR_ROUTES)
def test_the_sidecar_answers_its_own_paths(
    client: httpx.Client, sidecar: Upstream, method: str, path: str
) -> None:
    sidecar.reply = answer({"said": "سلام"}, 418)
    body = "" if method == "GET" else '{"a":1}'
    response = client.request(method, path, headers=BEARER | JSON, content=body)
    assert (response.status_code, response.json()) == (418, {"said": "سلام"})
    assert (sidecar.only.method, sidecar.only.target) == (method, path)
    assert sidecar.only.body.decode() == body


def test_names_are_turned_at_every_depth_and_values_never(
    client: httpx.Client, postgrest: Upstream
) -> None:
    text = 'a_b": {"c_d": \\"e_f\\": "g_h'
    deep: Any = {"last_one": text}
    for _ in range(100):
        deep = [{"start_at": deep}]
    postgrest.reply = answer(
        {"snake_case": deep, "a_1_b": [text, text], "__proto__": 1, "c:d_e": ":x_y"}
    )
    path = "/api/v1/availability?from=2027-01-01&to=2027-01-31"
    response = client.get(path, headers=BEARER)
    data = response.json()["data"]
    assert data.keys() == {"snakeCase", "a1B", "__proto__", "c:d_e"}
    assert (data["a1B"], data["c:d_e"]) == ([text, text], ":x_y")
    found = data["snakeCase"]
    for _ in range(100):
        found = found[0]["startAt"]
    assert found == {"lastOne": text}


def test_a_function_that_returns_nothing(
    client: httpx.Client, postgrest: Upstream
) -> None:
    postgrest.reply = b"HTTP/1.1 204 No Content\r\n\r\n"
    response = client.delete(f"/api/v1/pets/{ID}", headers=BEARER)
    assert response.status_code == 200
    assert response.json() == {"ok": True, "data": None}


def test_an_answer_longer_than_any_buffer(
    client: httpx.Client, postgrest: Upstream
) -> None:
    row = {"id": ID, "name": "گربه" * 500_000}
    postgrest.reply = answer(row)
    response = client.get(f"/api/v1/pets/{ID}", headers=BEARER)
    assert response.json() == {"ok": True, "data": row}


@pytest.mark.parametrize(
    ("body", "complaints"),
    [
        ({"birth_date": "2020-01-01"}, {"birth_date"}),
        ({"id": ID, "userId": ID, "name": "x"}, {"id", "userId"}),
        ({"__proto__": {"name": "x"}, "constructor": 1}, {"__proto__", "constructor"}),
        ({"": 1, "toString": 2, "Name": "x"}, {"", "toString", "Name"}),
        ({"petId": ID}, {"petId"}),
    ],
)
def test_fields_that_a_route_does_not_take_are_named(
    client: httpx.Client, postgrest: Upstream, body: Any, complaints: set[str]
) -> None:
    response = client.put(f"/api/v1/pets/{ID}", json=body, headers=BEARER)
    assert fields(response) == complaints
    assert not postgrest.received


@pytest.mark.parametrize(
    "body",
    [
        {"name": 5},
        {"name": ["a"], "breed": {"a": 1}},
        {"neutered": 0},
        {"birthDate": "now"},
        {"birthDate": "infinity"},
        {"neutered": "true", "type": False},
        {"name": "a\0b", "breed": "\0"},
    ],
)
def test_fields_of_another_type_are_named(
    client: httpx.Client, postgrest: Upstream, body: Any
) -> None:
    response = client.put(f"/api/v1/pets/{ID}", json=body, headers=BEARER)
    assert fields(response) == body.keys()
    assert not postgrest.received


@pytest.mark.parametrize("spelling", ["{%s}", "urn:uuid:%s", "%s ", "x"])
def test_an_id_has_one_spelling(
    client: httpx.Client, postgrest: Upstream, spelling: str
) -> None:
    bad = spelling.replace("%s", ID)
    for method, path, name in (
        ("POST", "/consultations", "petId"),
        ("POST", "/admin/users/preview", "userId"),
        ("PATCH", f"/admin/consultations/{ID}", "doctorId"),
    ):
        url = f"/api/v1{path}"
        response = client.request(method, url, json={name: bad}, headers=BEARER)
        assert fields(response) == {name}
    query = {"doctorId": bad.replace("-", "")}
    response = client.get("/api/v1/admin/consultations", params=query, headers=BEARER)
    assert fields(response) == {"doctorId"}
    assert not postgrest.received


@pytest.mark.parametrize(
    "bad", ["today", "now", "20270102", "2027-01-02T00:00:00Z", "1/2/2027", ""]
)
def test_a_day_in_a_query_is_a_date(
    client: httpx.Client, postgrest: Upstream, bad: str
) -> None:
    for path in ("/availability", "/admin/consultations", "/doctor/appointments"):
        query = {"from": "2027-01-02", "to": bad}
        response = client.get(f"/api/v1{path}", params=query, headers=BEARER)
        assert fields(response) == {"to"}
    assert not postgrest.received


@pytest.mark.parametrize(
    "bad",
    [
        "now",
        "infinity",
        "-infinity",
        "2027-01-02",
        "2027-01-02T17:00:00",
        "294000-01-01T00:00:00Z",
        "2027-01-02T17:00:00Z BC",
        "",
        5,
    ],
)
def test_a_time_is_one_that_a_client_can_read(
    client: httpx.Client, postgrest: Upstream, bad: Any
) -> None:
    span = {"startAt": TIME, "endAt": bad}
    for path, body in (
        ("/api/v1/admin/closures", span | {"reason": "نوروز"}),
        ("/api/v1/admin/closures/preview", span),
    ):
        response = client.post(path, json=body, headers=BEARER)
        assert fields(response) == {"endAt"}
    hold = f"{CONSULTATION}/hold-slot"
    response = client.post(hold, json={"startAt": bad}, headers=BEARER)
    assert fields(response) == {"startAt"}
    assert not postgrest.received


@pytest.mark.parametrize(
    "good",
    [
        TIME,
        "2027-01-02T13:30:00Z",
        "2027-01-02T13:30Z",
        "2027-01-02 13:30:00.123456+00:00",
        "2027-01-02T17:00:00+0330",
        None,
    ],
)
def test_a_time_in_any_zone_is_passed_on_as_it_is(
    client: httpx.Client, postgrest: Upstream, good: str | None
) -> None:
    postgrest.reply = answer([])
    path = "/api/v1/admin/closures/preview"
    client.post(path, json={"startAt": good}, headers=BEARER)
    assert postgrest.only.json() == {"start_at": good}


def test_a_body_can_not_replace_the_paths_id(
    client: httpx.Client, postgrest: Upstream
) -> None:
    response = client.post(
        f"{CONSULTATION}/cancel", json={"consultationId": OTHER_ID}, headers=BEARER
    )
    assert fields(response) == {"consultationId"}
    assert not postgrest.received


@pytest.mark.parametrize(
    "bad", ["1", "x", ID[:-1], f"{ID}0", f"{ID},id.gt.0", "%01", f"{{{ID}}}", "null"]
)
def test_an_id_that_is_none(
    client: httpx.Client, postgrest: Upstream, bad: str
) -> None:
    assert fields(client.get(f"/api/v1/pets/{bad}", headers=BEARER)) == {"id"}
    assert not postgrest.received


@pytest.mark.parametrize(
    "route",
    [route for route in read_routes() if "{" in route["path"]],
    ids=lambda route: f"{route['method']} {route['path']}",
)
def test_every_route_with_an_id_names_the_one_that_is_none(
    client: httpx.Client, postgrest: Upstream, sidecar: Upstream, route: Route
) -> None:
    """Whoever would have answered: neither is asked."""
    (name,) = re.findall(r"\{(\w+)\}", route["path"])
    for bad in ("1", f"{ID}0", f"%7B{ID}%7D", f"urn:uuid:{ID}", ID.replace("-", "")):
        path = f"/api/v1{route['path']}".replace(f"{{{name}}}", bad)
        assert fields(client.request(route["method"], path, headers=BEARER)) == {name}
    assert not postgrest.received
    assert not sidecar.received


@pytest.mark.parametrize(
    ("path", "complaints"),
    [
        ("/api/v1/me?select=*", {"select"}),
        (f"/api/v1/pets/{ID}?id=neq.{ID}", {"id"}),
        ("/api/v1/pets?user_id=eq.1&or=(id.gt.0)", {"user_id", "or"}),
        ("/api/v1/availability?from=2027-01-01&from=2027-02-01", {"from"}),
        (f"/api/v1/availability?consultation_id={ID}", {"consultation_id"}),
    ],
)
def test_parameters_that_a_route_does_not_take_are_named(
    client: httpx.Client, postgrest: Upstream, path: str, complaints: set[str]
) -> None:
    assert fields(client.get(path, headers=BEARER)) == complaints
    assert not postgrest.received
