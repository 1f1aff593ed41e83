"""People, doctors, absences, closures and settings: for admins, and nobody else.

Each call is tried by all four roles. Those that make something make it in 2001, or with
a name that is nobody's, so that other tests do not notice.
"""

import secrets
from http import HTTPStatus
from typing import Any, NamedTuple

import pytest

from tests.support.api import Answer, Api
from tests.support.database import Connection, value

PASSWORD = "gorbe-siah-1403"
SPAN = {"startAt": "2001-03-21T00:00:00+03:30", "endAt": "2001-03-25T00:00:00+03:30"}
NOBODY = "018f0000-0000-7000-8000-000000000000"


class Call(NamedTuple):
    """A call, and what an admin is answered."""

    method: str
    path: str
    body: Any = None
    status: int = 200


def new_person(**changed: Any) -> dict[str, Any]:
    """Describe somebody who is not there yet."""
    mobile = f"0937{secrets.randbelow(10**7):07}"
    return {"name": "رضا کریمی", "mobile": mobile, "password": PASSWORD} | changed


CALLS = [
    Call("POST", "/admin/users", {"role": "ADMIN"}, 201),
    Call("PATCH", "/admin/users/{user}", {"name": "نگار کاظمی"}),
    Call("POST", "/admin/users/preview", {"userId": "{user}"}),
    Call("POST", "/admin/users/{user}/preview"),
    Call("GET", "/admin/doctors"),
    Call("POST", "/admin/doctors", {"displayName": "دکتر کریمی"}, 201),
    Call("GET", "/admin/doctors/{doctor}"),
    Call("PATCH", "/admin/doctors/{doctor}", {}),
    Call("POST", "/admin/doctors/preview", {"doctorId": "{doctor}"}),
    Call("POST", "/admin/doctors/{doctor}/preview"),
    Call("GET", "/admin/absences"),
    Call("POST", "/admin/absences", {"doctorId": "{doctor}"} | SPAN, 201),
    Call("POST", "/admin/absences/preview", {"doctorId": "{doctor}"} | SPAN),
    Call("GET", "/admin/absences/{absence}"),
    Call("PATCH", "/admin/absences/{absence}", {"reason": "مرخصی"}),
    Call("GET", "/admin/closures"),
    Call("POST", "/admin/closures", {"reason": "نوروز"} | SPAN, 201),
    Call("POST", "/admin/closures/preview", SPAN),
    Call("GET", "/admin/closures/{closure}"),
    Call("PATCH", "/admin/closures/{closure}", {"reason": "عید"}),
    Call("DELETE", "/admin/closures/{closure}"),
    Call("DELETE", "/admin/absences/{absence}"),
    Call("GET", "/admin/notifications"),
    Call("PATCH", "/admin/notifications/{notification}/read"),
    Call("GET", "/admin/config"),
    Call("PATCH", "/admin/config", {}),
]


@pytest.fixture
def ids(admin: Api, owner: Api, database: Connection) -> dict[str, str]:
    """What the calls are about: each thing of this test."""
    doctor = admin.call("GET", "/admin/doctors").data[0]["id"]
    absence = admin.call("POST", "/admin/absences", SPAN | {"doctorId": doctor})
    closure = admin.call("POST", "/admin/closures", SPAN | {"reason": "تعطیل"})
    statement = """
        insert into app.notifications (target_role, type) values ('ADMIN', 'REFUND_DUE')
        returning id
    """
    return {
        "user": owner.call("GET", "/me").data["id"],
        "doctor": doctor,
        "absence": absence.data["id"],
        "closure": closure.data["id"],
        "notification": str(value(database, statement)),
    }


@pytest.fixture
def everybody(anybody: Api, owner: Api, doctor: Api) -> list[Api]:
    """All who are no admins."""
    return [anybody, owner, doctor]


def made(caller: Api, call: Call, ids: dict[str, str]) -> Answer:
    """Make the call as somebody."""
    body = call.body
    if body is not None:
        body = {key: text.format(**ids) for key, text in body.items()}
        if call.path in {"/admin/users", "/admin/doctors"}:
            body = new_person(**body)
    return caller.call(call.method, call.path.format(**ids), body)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.method} {call.path}")
def test_each_is_for_admins_alone(
    everybody: list[Api], admin: Api, ids: dict[str, str], call: Call
) -> None:
    answers = [made(who, call, ids) for who in everybody]
    assert [(answer.status, answer.code) for answer in answers] == [
        (401, "UNAUTHENTICATED"),
        (403, "FORBIDDEN"),
        (403, "FORBIDDEN"),
    ]
    assert made(admin, call, ids).status == call.status


@pytest.mark.parametrize(
    "call", [call for call in CALLS if "{" in call.path], ids=lambda c: c.path
)
def test_what_is_not_there_is_not_found(admin: Api, call: Call) -> None:
    nobody = dict.fromkeys(
        ("user", "doctor", "absence", "closure", "notification"), NOBODY
    )
    answer = made(admin, call, nobody)
    assert (answer.status, answer.code) == (404, "NOT_FOUND")


def test_a_new_admin_works_and_a_deactivated_one_stops_at_once(admin: Api) -> None:
    body = new_person(role="ADMIN", mobile="+98 937 000 00 01")
    account = admin.call("POST", "/admin/users", body).data
    assert (account["role"], account["mobile"]) == ("ADMIN", "09370000001")
    colleague = Api(admin.api_url)
    assert colleague.sign_in(account["mobile"], PASSWORD).status == HTTPStatus.OK
    assert colleague.call("GET", "/admin/config").status == HTTPStatus.OK

    path = f"/admin/users/{account['id']}"
    assert admin.call("PATCH", path, {"isActive": False}).data["isActive"] is False
    assert colleague.call("GET", "/admin/config").code == "UNAUTHENTICATED"
    assert colleague.send("GET", "/rest/v1/me").status_code == HTTPStatus.UNAUTHORIZED
    assert admin.call("PATCH", path, {"isActive": True}).data["isActive"] is True
    # The old session stays dead.
    assert colleague.call("GET", "/admin/config").code == "UNAUTHENTICATED"


def test_a_reset_password_ends_the_sessions_and_opens_new_ones(
    admin: Api, owner: Api
) -> None:
    path = f"/admin/users/{owner.call('GET', '/me').data['id']}"
    weak = admin.call("PATCH", path, {"password": owner.mobile + "a"})
    assert list(weak.error["details"]["fields"]) == ["password"]
    assert owner.call("GET", "/me").status == HTTPStatus.OK
    assert admin.call("PATCH", path, {"password": PASSWORD}).status == HTTPStatus.OK
    assert owner.call("GET", "/me").code == "UNAUTHENTICATED"
    assert owner.sign_in(owner.mobile, owner.password).code == "UNAUTHENTICATED"
    assert owner.sign_in(owner.mobile, PASSWORD).status == HTTPStatus.OK


def test_a_mobile_that_is_taken_is_a_conflict(
    admin: Api, owner: Api, stranger: Api
) -> None:
    path = f"/admin/users/{owner.call('GET', '/me').data['id']}"
    taken = admin.call("PATCH", path, {"mobile": stranger.mobile})
    assert (taken.code, list(taken.error["details"]["fields"])) == (
        "CONFLICT",
        ["mobile"],
    )
    body = new_person(role="USER", mobile=stranger.mobile)
    assert admin.call("POST", "/admin/users", body).code == "CONFLICT"


def test_a_new_doctor_is_a_seat_more_until_deactivated(admin: Api, owner: Api) -> None:
    def capacity() -> int:
        days = owner.call(
            "GET", "/availability", query={"from": "2027-01-02", "to": "2027-01-02"}
        ).data["days"]
        return int(days[0]["slots"][0]["capacity"])

    before = capacity()
    body = new_person(displayName="دکتر نو")
    doctor = admin.call("POST", "/admin/doctors", body).data
    assert (doctor["displayName"], doctor["takesCalls"]) == ("دکتر نو", True)
    assert capacity() == before + 1
    path = f"/admin/doctors/{doctor['id']}"
    assert admin.call("PATCH", path, {"isActive": False}).data["takesCalls"] is False
    assert capacity() == before


def test_a_stale_version_of_the_settings_is_refused(admin: Api) -> None:
    seen = admin.call("GET", "/admin/config")
    assert seen.headers["ETag"] == f'"{seen.data["version"]}"'
    same = {"holdMinutes": seen.data["holdMinutes"]}
    match = {"If-Match": seen.headers["ETag"]}
    changed = admin.call("PATCH", "/admin/config", same, headers=match)
    assert changed.data["version"] == seen.data["version"] + 1
    stale = admin.call("PATCH", "/admin/config", same, headers=match)
    assert (stale.status, stale.code) == (412, "PRECONDITION_FAILED")
    anyway = admin.call("PATCH", "/admin/config", same, headers={"If-Match": "*"})
    assert anyway.status == HTTPStatus.OK
    wrong = admin.call("PATCH", "/admin/config", {"priceToman": 1, "tz": "X1"})
    assert set(wrong.error["details"]["fields"]) == {"priceToman", "tz"}
