"""GET and PATCH /admin/consultations/{id}, through the whole stack."""

import pytest

from tests.support import web
from tests.support.api import Answer, Api, free_starts, started_payment


@pytest.fixture
def paid(owner: Api) -> str:
    """A consultation that was paid at the mock bank: it is scheduled."""
    consultation_id, payment = started_payment(owner)
    page = web.post(payment["redirectUrl"], data={"outcome": "paid"})
    answer = web.get(page.headers["Location"], headers={"Accept": "application/json"})
    assert answer.json()["data"]["status"] == "VERIFIED"
    return consultation_id


def show(admin: Api, consultation_id: str) -> Answer:
    """Look at a consultation whole."""
    return admin.call("GET", f"/admin/consultations/{consultation_id}")


def edit(
    api: Api, consultation_id: str, tag: str | None = None, **changes: object
) -> Answer:
    """Change it, against the version of an ETag if there is one."""
    headers = {"If-Match": tag} if tag else None
    path = f"/admin/consultations/{consultation_id}"
    return api.call("PATCH", path, changes, headers=headers)


def test_the_details_come_in_one_request(admin: Api, owner: Api, paid: str) -> None:
    answer = show(admin, paid)
    shown = answer.data
    assert answer.headers["ETag"] == f'"{shown["version"]}"'
    assert shown["user"]["mobile"] == owner.mobile
    assert [seat["status"] for seat in shown["appointments"]] == ["CONFIRMED"]
    assert [payment["status"] for payment in shown["payments"]] == ["VERIFIED"]
    assert shown["refunds"] == []
    assert "PAYMENT_VERIFIED" in {line["action"] for line in shown["audit"]}


def test_a_move_is_made_against_the_version_seen_and_the_owner_sees_it(
    admin: Api, owner: Api, paid: str
) -> None:
    seen = show(admin, paid).headers["ETag"]
    start_at = free_starts(owner)[-1]
    moved = edit(admin, paid, seen, startAt=start_at)
    assert moved.status == 200
    assert moved.headers["ETag"] != seen
    shown = owner.call("GET", f"/consultations/{paid}").data
    assert shown["appointment"]["id"] == moved.data["appointment"]["id"]
    assert shown["appointment"]["startAt"] == moved.data["appointment"]["startAt"]
    stale = edit(admin, paid, seen, status="CANCELED")
    assert (stale.status, stale.code) == (412, "PRECONDITION_FAILED")
    assert owner.call("GET", f"/consultations/{paid}").data["status"] == "SCHEDULED"


def test_canceling_makes_the_refund_due(admin: Api, owner: Api, paid: str) -> None:
    shown = edit(admin, paid, status="CANCELED").data
    assert (shown["status"], shown["refunds"][0]["status"]) == ("CANCELED", "DUE")
    news = owner.call("GET", "/notifications").data
    assert "APPOINTMENT_CANCELED" in {line["type"] for line in news}


def test_refusals_say_why(admin: Api, paid: str) -> None:
    for changes, status, code in (
        ({"status": "COMPLETED"}, 409, "INVALID_STATE"),
        ({"outcome": "NO_SHOW"}, 409, "INVALID_STATE"),
        ({"startAt": "2027-01-02T17:07:00+03:30"}, 422, "SLOT_NOT_OFFERED"),
        ({"doctorId": paid}, 404, "NOT_FOUND"),
        ({"status": "DRAFT"}, 422, "VALIDATION_FAILED"),
        ({"status": "DONE"}, 422, "VALIDATION_FAILED"),
        ({"price": 1}, 422, "VALIDATION_FAILED"),
        ({}, 422, "VALIDATION_FAILED"),
    ):
        answer = edit(admin, paid, **changes)
        assert (answer.status, answer.code) == (status, code), changes
    nobody = "018f0000-0000-7000-8000-000000000000"
    assert edit(admin, nobody, status="CANCELED").code == "NOT_FOUND"


def test_only_admins_look_and_edit(
    owner: Api, doctor: Api, anybody: Api, paid: str
) -> None:
    for api in (owner, doctor):
        assert edit(api, paid, status="CANCELED").code == "FORBIDDEN"
        assert show(api, paid).code == "FORBIDDEN"
    assert edit(anybody, paid, status="CANCELED").code == "UNAUTHENTICATED"
    assert show(anybody, paid).code == "UNAUTHENTICATED"
