"""api.preview_user_deactivation: what closing somebody's account would leave behind."""

from uuid import UUID

import pytest

from tests.db.helpers import NOBODY_ID, call, lapse_hold, live_seat
from tests.db.previews import preview
from tests.support.database import Connection, value
from tests.support.factories import (
    hold_slot,
    make_consultation,
    make_doctor,
    make_scheduled,
    make_user,
)
from tests.support.roles import Person, refused


def affected(
    db: Connection, admin: Person, user_id: UUID | None
) -> set[tuple[UUID, str]]:
    """Return which appointments a deactivation would affect, and why."""
    found = preview(db, admin, "preview_user_deactivation", user_id=user_id)
    return {(line["appointment_id"], line["why"]) for line in found}


def test_an_owners_own_calls_to_come_are_listed_and_stay(
    db: Connection, admin: Person, owner: Person
) -> None:
    for _ in range(2):
        make_doctor(db)
    seat = live_seat(db, make_scheduled(db, owner))
    hold = hold_slot(db, owner, make_consultation(db, owner))
    make_scheduled(db, make_user(db))
    (first, second) = preview(
        db, admin, "preview_user_deactivation", user_id=owner.user_id
    )
    assert [first["appointment_id"], second["appointment_id"]] == sorted(
        [seat["id"], hold["id"]]
    )
    assert {first["why"], second["why"]} == {"OWNER_AWAY"}
    assert (first["owner_mobile"], first["is_over_capacity"]) == (owner.mobile, False)
    call(db, admin, "api.update_user", user_id=owner.user_id, is_active=False)
    query = "select count(*) from app.appointments where user_id = %(id)s"
    live = f"{query} and status in ('HELD', 'CONFIRMED')"
    assert value(db, live, id=owner.user_id) == 2


@pytest.mark.usefixtures("doctor")
def test_what_is_over_is_not_listed(
    db: Connection, admin: Person, owner: Person, held: UUID
) -> None:
    lapse_hold(db, held)
    canceled = make_scheduled(db, owner)
    call(
        db,
        admin,
        "api.edit_consultation",
        consultation_id=canceled,
        status="CANCELED",
    )
    assert affected(db, admin, owner.user_id) == set()


def test_a_doctors_are_those_of_the_doctors_deactivation(
    db: Connection, admin: Person, doctor: Person
) -> None:
    seat = live_seat(db, make_scheduled(db, make_user(db)))
    assert affected(db, admin, doctor.user_id) == {(seat["id"], "DOCTOR_AWAY")}
    assert affected(db, admin, admin.user_id) == set()


def test_somebody_unknown_is_not_found(db: Connection, admin: Person) -> None:
    with refused("NOT_FOUND"):
        affected(db, admin, NOBODY_ID)


def test_somebody_who_is_not_named_is_missing(db: Connection, admin: Person) -> None:
    with refused("VALIDATION_FAILED") as refusal:
        affected(db, admin, None)
    assert refusal.details["fields"].keys() == {"user_id"}
