"""api.preview_absence: whose calls would need another doctor."""

from datetime import timedelta

import pytest

from tests.db.helpers import NOBODY_ID, live_seat
from tests.db.previews import preview
from tests.support.database import Connection
from tests.support.factories import (
    hold_slot,
    make_consultation,
    make_doctor,
    make_scheduled,
    make_user,
)
from tests.support.roles import Person, refused


def test_only_the_range_and_only_what_suffers_is_listed(
    db: Connection, admin: Person
) -> None:
    make_doctor(db)
    make_doctor(db)
    seats = [live_seat(db, make_scheduled(db, make_user(db))) for _ in range(3)]
    first, second, third = seats
    assert first["start_at"] == second["start_at"] < third["start_at"]
    shared = {"start_at": first["start_at"], "end_at": first["end_at"]}
    found = preview(
        db, admin, "preview_absence", doctor_id=first["doctor_id"], **shared
    )
    whys = {line["appointment_id"]: line["why"] for line in found}
    assert whys == {first["id"]: "DOCTOR_AWAY", second["id"]: "OVER_CAPACITY"}
    assert all(line["is_over_capacity"] for line in found)
    alone = {"start_at": third["start_at"], "end_at": third["end_at"]}
    (found_alone,) = preview(
        db, admin, "preview_absence", doctor_id=third["doctor_id"], **alone
    )
    assert found_alone["why"] == "DOCTOR_AWAY"
    assert not found_alone["is_over_capacity"]  # the other doctor is free


def test_a_hold_beside_a_confirmed_call_would_be_one_too_many(
    db: Connection, owner: Person, admin: Person
) -> None:
    make_doctor(db)
    make_doctor(db)
    seat = live_seat(db, make_scheduled(db, make_user(db)))
    hold = hold_slot(db, owner, make_consultation(db, owner))
    assert hold["start_at"] == seat["start_at"]
    span = {"start_at": seat["start_at"], "end_at": seat["end_at"]}
    found = preview(db, admin, "preview_absence", doctor_id=seat["doctor_id"], **span)
    assert {
        (line["appointment_id"], line["why"], line["is_over_capacity"])
        for line in found
    } == {
        (seat["id"], "DOCTOR_AWAY", False),
        (hold["id"], "OVER_CAPACITY", True),
    }


@pytest.mark.usefixtures("doctor")
def test_an_unknown_doctor_is_not_found(db: Connection, admin: Person) -> None:
    seat = live_seat(db, make_scheduled(db, make_user(db)))
    with refused("NOT_FOUND"):
        preview(
            db,
            admin,
            "preview_absence",
            doctor_id=NOBODY_ID,
            start_at=seat["start_at"],
            end_at=seat["start_at"] + timedelta(hours=1),
        )
