"""api.preview_closure: who is affected, before it is done."""

import pytest

from tests.db.helpers import (
    close_clinic,
    configure,
    forbidden,
    lapse_hold,
    live_seat,
)
from tests.db.previews import preview
from tests.support.database import Connection, rows
from tests.support.factories import (
    hold_slot,
    make_consultation,
    make_doctor,
    make_scheduled,
    make_user,
)
from tests.support.roles import Person, as_role, refused


@pytest.mark.usefixtures("doctor")
def test_held_and_confirmed_calls_are_listed_with_whom_to_tell(
    db: Connection, owner: Person, stranger: Person, admin: Person
) -> None:
    seat = live_seat(db, make_scheduled(db, owner))
    hold = hold_slot(db, stranger, make_consultation(db, stranger))
    span = {"start_at": seat["start_at"], "end_at": hold["end_at"]}
    confirmed, held = preview(db, admin, "preview_closure", **span)
    assert confirmed == {
        "appointment_id": seat["id"],
        "consultation_id": seat["consultation_id"],
        "status": "CONFIRMED",
        "start_at": seat["start_at"],
        "doctor_id": seat["doctor_id"],
        "doctor_name": "دکتر مینا رضایی",
        "owner_name": owner.name,
        "owner_mobile": owner.mobile,
        "why": "IN_CLOSURE",
        "is_over_capacity": True,
    }
    assert (held["appointment_id"], held["status"]) == (hold["id"], "HELD")
    assert (held["doctor_id"], held["why"]) == (None, "IN_CLOSURE")


@pytest.mark.usefixtures("doctor")
def test_the_preview_lists_what_the_notification_lists(
    db: Connection, admin: Person
) -> None:
    seats = [live_seat(db, make_scheduled(db, make_user(db))) for _ in range(3)]
    span = {"start_at": seats[0]["start_at"], "end_at": seats[1]["end_at"]}
    before = preview(db, admin, "preview_closure", **span)
    assert rows(db, "select from app.closures") == []
    for seat in seats[:2]:
        close_clinic(db, seat["start_at"])
    after = rows(
        db,
        """
        select a ->> 'appointment_id' as id from app.notifications n,
            jsonb_array_elements(n.payload -> 'appointments') as a
        where n.type = 'OVER_CAPACITY' order by n.id
        """,
    )
    assert [str(line["appointment_id"]) for line in before] == [a["id"] for a in after]


def test_what_only_touches_the_range_or_has_lapsed_is_not_listed(
    db: Connection, owner: Person, admin: Person
) -> None:
    make_doctor(db)
    configure(db, slot_minutes=240)
    consultation_id = make_consultation(db, owner)
    hold = hold_slot(db, owner, consultation_id)
    last_minute = {
        "start_at": hold["end_at"] - (hold["end_at"] - hold["start_at"]) / 240,
        "end_at": hold["end_at"],
    }
    assert len(preview(db, admin, "preview_closure", **last_minute)) == 1
    after = {"start_at": hold["end_at"], "end_at": "2100-01-01"}
    before = {"start_at": "2020-01-01", "end_at": hold["start_at"]}
    assert preview(db, admin, "preview_closure", **after) == []
    assert preview(db, admin, "preview_closure", **before) == []
    lapse_hold(db, consultation_id)
    assert preview(db, admin, "preview_closure", **last_minute) == []


@pytest.mark.parametrize(
    ("span", "fields"),
    [
        ({}, ["end_at", "start_at"]),
        ({"start_at": "2027-01-02", "end_at": "2027-01-02"}, ["end_at"]),
        ({"start_at": "0101-11-03", "end_at": "2027-01-02"}, ["start_at"]),
        ({"start_at": "2027-01-02", "end_at": "9999-12-31"}, ["end_at"]),
        ({"start_at": "-infinity", "end_at": "infinity"}, ["end_at", "start_at"]),
    ],
)
def test_a_range_is_required(
    db: Connection, admin: Person, span: dict[str, str], fields: list[str]
) -> None:
    with refused("VALIDATION_FAILED") as refusal:
        preview(db, admin, "preview_closure", **span)
    assert sorted(refusal.details["fields"]) == fields


def test_previews_are_for_admins(db: Connection, owner: Person, doctor: Person) -> None:
    span = {"start_at": "2027-01-02", "end_at": "2027-01-03"}
    for person in (owner, doctor):
        with forbidden():
            preview(db, person, "preview_closure", **span)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("preview_closure", "now(), now() + interval '1 day'"),
        ("preview_absence", "app.new_id(), now(), now() + interval '1 day'"),
        ("preview_deactivation", "app.new_id()"),
    ],
)
def test_the_role_alone_is_not_enough(
    db: Connection, owner: Person, function: str, arguments: str
) -> None:
    """A grant given by mistake opens nothing: the function asks who is calling."""
    db.execute("grant execute on all functions in schema api, app to app_user")
    with refused("FORBIDDEN"), as_role(db, "app_user", owner.claims):
        rows(db, f"select * from api.{function}({arguments})")
