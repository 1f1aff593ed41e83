"""A doctor's own calls, through the whole stack, and that they are nobody else's."""

from http import HTTPStatus
from typing import Any

import pytest

from stack.background import System
from tests.support.api import Api, paid_consultation
from tests.support.database import Connection, changed
from tests.support.factories import MESSAGE

LIST = "/doctor/appointments"


@pytest.fixture
def seat(admin: Api, owner: Api, doctor: Api) -> dict[str, Any]:
    """A paid call that the doctor has, and its place in their list."""
    doctors = admin.call("GET", "/admin/doctors").data
    doctor_id = next(d["id"] for d in doctors if d["mobile"] == doctor.mobile)
    consultation_id = paid_consultation(owner)
    while not is_given(admin, consultation_id, doctor_id):
        consultation_id = paid_consultation(owner)
    rows = every(doctor)
    (row,) = [row for row in rows if row["consultation"]["id"] == consultation_id]
    assert row["user"]["mobile"] == owner.mobile
    found: dict[str, Any] = row
    return found


def is_given(admin: Api, consultation_id: str, doctor_id: str) -> bool:
    """Give a call to a doctor, unless they have another one at its time."""
    path = f"/admin/consultations/{consultation_id}"
    answer = admin.call("PATCH", path, {"doctorId": doctor_id})
    assert answer.status == HTTPStatus.OK or answer.code == "CONFLICT"
    return answer.status == HTTPStatus.OK


@pytest.fixture
def colleague(system: System, doctor: Api) -> Api:
    """Another demo doctor."""
    api = Api(system.api_url)
    assert api.sign_in("09000000004", doctor.password).data
    return api


def every(doctor: Api) -> list[dict[str, Any]]:
    """Go through the list of confirmed calls page by page, as a client does."""
    query = {"status": "CONFIRMED", "limit": "1"}
    found: list[dict[str, Any]] = []
    while True:
        answer = doctor.call("GET", LIST, query=query)
        found += answer.data
        assert answer.page
        if not answer.page["nextCursor"]:
            return found
        query["cursor"] = answer.page["nextCursor"]


def begin(database: Connection, appointment_id: str) -> None:
    """Let the call have begun, before all others: no two slots overlap."""
    statement = """
        update app.slots
        set start_at = earliest.start_at - interval '30 minutes',
            end_at = earliest.start_at
        from (select least(min(start_at), clock_timestamp()) as start_at
              from app.slots) as earliest
        where id = (select slot_id from app.appointments where id = %(id)s)
    """
    assert changed(database, statement, id=appointment_id) == 1


def test_a_doctor_sees_whom_to_call_and_why_in_the_order_of_the_calls(
    doctor: Api, owner: Api, seat: dict[str, Any]
) -> None:
    assert seat["user"] == {"name": "نگار کاظمی", "mobile": owner.mobile}
    assert (seat["pet"]["name"], seat["media"]) == ("ببری", [])
    assert seat["consultation"]["messageText"] == MESSAGE
    starts = [row["startAt"] for row in every(doctor)]
    assert starts == sorted(starts)
    day = {"from": seat["startAt"][:10], "to": seat["startAt"][:10]}
    assert seat in doctor.call("GET", LIST, query=day).data


def test_only_the_doctor_who_has_a_call_ends_it_and_only_once_it_has_begun(
    doctor: Api, colleague: Api, database: Connection, seat: dict[str, Any]
) -> None:
    path = f"{LIST}/{seat['id']}/complete"
    early = doctor.call("POST", path)
    assert (early.status, early.code) == (409, "INVALID_STATE")
    begin(database, seat["id"])
    assert seat["id"] not in [row["id"] for row in every(colleague)]
    assert colleague.call("POST", path).code == "NOT_FOUND"
    wrong = doctor.call("POST", path, {"outcome": "LATE"})
    assert wrong.code == "VALIDATION_FAILED"
    ended = doctor.call("POST", path, {"outcome": "NO_SHOW"}).data
    assert (ended["status"], ended["outcome"]) == ("COMPLETED", "NO_SHOW")
    assert ended["consultation"]["status"] == "COMPLETED"
    assert doctor.call("POST", path).code == "INVALID_STATE"


def test_both_calls_are_for_doctors_alone(
    anybody: Api, owner: Api, admin: Api, seat: dict[str, Any]
) -> None:
    for method, path in (("GET", LIST), ("POST", f"{LIST}/{seat['id']}/complete")):
        codes = [who.call(method, path).code for who in (anybody, owner, admin)]
        assert codes == ["UNAUTHENTICATED", "FORBIDDEN", "FORBIDDEN"], path


def test_a_cursor_or_filter_that_is_none_is_named(doctor: Api) -> None:
    for name, bad in {"cursor": "x", "from": "x", "status": "x", "limit": "0"}.items():
        answer = doctor.call("GET", LIST, query={name: bad})
        assert answer.code == "VALIDATION_FAILED", name
