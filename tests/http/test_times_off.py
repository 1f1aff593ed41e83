"""A doctor's absence, from the preview to its end, as an admin and an owner see it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.api import Api, described_consultation, paid_consultation


@pytest.fixture
def seat(owner: Api) -> dict[str, Any]:
    """A paid call, the only one at its time."""
    while True:
        consultation_id = paid_consultation(owner)
        found = owner.call("GET", f"/consultations/{consultation_id}").data
        seat: dict[str, Any] = found["appointment"]
        if taken(owner, seat["startAt"]) == 1:
            return seat | {"consultationId": consultation_id}


def taken(owner: Api, start_at: str) -> int:
    """Return how many seats of a slot are taken."""
    day = {"from": start_at[:10], "to": start_at[:10]}
    (shown,) = owner.call("GET", "/availability", query=day).data["days"]
    (found,) = [slot for slot in shown["slots"] if slot["startAt"] == start_at]
    return int(found["taken"])


@pytest.fixture
def absences(admin: Api) -> Iterator[list[str]]:
    """The absences of the test: they end with it, so that others find doctors."""
    made: list[str] = []
    yield made
    for absence_id in made:
        admin.call("DELETE", f"/admin/absences/{absence_id}")


def over_capacity(admin: Api, appointment_id: str) -> list[dict[str, Any]]:
    """Return what admins were told of an appointment: that it is one too many."""
    return [
        line
        for news in admin.call("GET", "/admin/notifications").data
        if news["type"] == "OVER_CAPACITY"
        for line in news["payload"]["appointments"]
        if line["appointmentId"] == appointment_id
    ]


def test_who_is_away_is_previewed_reported_and_not_booked(
    admin: Api, owner: Api, seat: dict[str, Any], absences: list[str]
) -> None:
    span = {"startAt": seat["startAt"], "endAt": seat["endAt"]}
    doctors = [d for d in admin.call("GET", "/admin/doctors").data if d["takesCalls"]]
    others = [d["id"] for d in doctors if d["id"] != seat["doctor"]["id"]]
    for doctor_id in others:
        body = span | {"doctorId": doctor_id}
        absences.append(admin.call("POST", "/admin/absences", body).data["id"])
    assert over_capacity(admin, seat["id"]) == []

    body = span | {"doctorId": seat["doctor"]["id"]}
    (seen,) = admin.call("POST", "/admin/absences/preview", body).data
    assert (seen["appointmentId"], seen["why"]) == (seat["id"], "DOCTOR_AWAY")
    assert (seen["isOverCapacity"], seen["ownerMobile"]) == (True, owner.mobile)
    absences.append(admin.call("POST", "/admin/absences", body).data["id"])
    (told,) = over_capacity(admin, seat["id"])
    assert told["consultationId"] == seat["consultationId"]
    assert told["doctorId"] == seat["doctor"]["id"]

    # What is confirmed stays; nobody else gets in, until the doctor is back.
    path = f"/consultations/{seat['consultationId']}"
    assert owner.call("GET", path).data["status"] == "SCHEDULED"
    late = described_consultation(owner)
    hold = f"/consultations/{late}/hold-slot"
    full = owner.call("POST", hold, {"startAt": seat["startAt"]})
    assert (full.status, full.code) == (409, "SLOT_FULL")
    for absence_id in absences:
        deleted = admin.call("DELETE", f"/admin/absences/{absence_id}")
        assert (deleted.status, deleted.data) == (200, None)
    assert owner.call("POST", hold, {"startAt": seat["startAt"]}).status == 200
