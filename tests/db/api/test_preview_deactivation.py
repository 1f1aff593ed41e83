"""api.preview_deactivation: what losing a doctor would mean."""

from tests.db.helpers import NOBODY_ID, live_seat
from tests.db.previews import preview
from tests.support.database import Connection, changed, rows, value
from tests.support.factories import make_doctor, make_scheduled, make_user
from tests.support.roles import Person, refused


def test_it_says_before_what_the_notification_says_after(
    db: Connection, admin: Person
) -> None:
    make_doctor(db)
    make_doctor(db)
    seats = [live_seat(db, make_scheduled(db, make_user(db))) for _ in range(5)]
    doctor_id = seats[0]["doctor_id"]
    before = preview(db, admin, "preview_deactivation", doctor_id=doctor_id)
    assert {line["why"] for line in before} == {"DOCTOR_AWAY", "OVER_CAPACITY"}
    changed(
        db, "update app.doctors set is_active = false where id = %(id)s", id=doctor_id
    )
    query = "select payload from app.notifications where type = 'OVER_CAPACITY'"
    reported = value(db, query)["appointments"]
    assert [
        (str(line["appointment_id"]), line["why"])
        for line in before
        if line["is_over_capacity"]
    ] == [(line["appointment_id"], line["why"]) for line in reported]
    assert preview(db, admin, "preview_deactivation", doctor_id=doctor_id) == before


def test_it_changes_nothing(db: Connection, admin: Person) -> None:
    make_doctor(db)
    seat = live_seat(db, make_scheduled(db, make_user(db)))
    db.execute("set local transaction_read_only = on")
    assert preview(db, admin, "preview_deactivation", doctor_id=seat["doctor_id"])
    query = "select from app.notifications where type = 'OVER_CAPACITY'"
    assert rows(db, query) == []


def test_an_unknown_doctor_is_not_found(db: Connection, admin: Person) -> None:
    with refused("NOT_FOUND"):
        preview(db, admin, "preview_deactivation", doctor_id=NOBODY_ID)


def test_a_doctor_who_is_not_named_is_missing(db: Connection, admin: Person) -> None:
    with refused("VALIDATION_FAILED") as refusal:
        preview(db, admin, "preview_deactivation", doctor_id=None)
    assert refusal.details["fields"].keys() == {"doctor_id"}
