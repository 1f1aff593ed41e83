"""api.delete_absence: the end of an absence, and what is left of it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.db.helpers import call, clinic_time, live_seat, open_daily, status
from tests.support.database import Connection, rows, value
from tests.support.factories import make_doctor, make_scheduled, make_user
from tests.support.roles import Person, refused


def trail(db: Connection, entity_id: UUID) -> list[Any]:
    """Return the audit lines about something, without where the requests came from."""
    query = """
        select action, actor_user_id, meta - '{request_id,ip}'::text[] as meta
        from app.audit_log where entity_id = %(id)s order by created_at
    """
    return rows(db, query, id=entity_id)


def test_every_step_of_an_absence_is_logged_without_its_reason(
    db: Connection, admin: Person, doctor: Person
) -> None:
    query = "select id from app.doctors where user_id = %(id)s"
    doctor_id = value(db, query, id=doctor.user_id)
    start, end = clinic_time(3, 0), clinic_time(4, 0)
    absence = call(
        db,
        admin,
        "api.create_absence",
        doctor_id=doctor_id,
        start_at=start,
        end_at=end,
        reason="بیماری",
    )
    later = end + timedelta(days=1)
    about = {"absence_id": absence["id"]}
    call(db, admin, "api.update_absence", end_at=later, reason="سفر", **about)
    call(db, admin, "api.update_absence", **about)  # changes nothing, and says nothing
    call(db, admin, "api.delete_absence", **about)
    made, changed, deleted = trail(db, absence["id"])
    assert [line["action"] for line in (made, changed, deleted)] == [
        "ABSENCE_CREATED",
        "ABSENCE_CHANGED",
        "ABSENCE_DELETED",
    ]
    assert {line["actor_user_id"] for line in (made, changed, deleted)} == {
        admin.user_id
    }
    assert changed["meta"]["fields"] == ["end_at", "reason"]
    assert changed["meta"]["from"].keys() == changed["meta"]["to"].keys() == {"end_at"}
    # What was deleted can be read in the log.
    assert deleted["meta"]["from"].keys() == {"doctor_id", "start_at", "end_at"}
    assert deleted["meta"]["from"]["doctor_id"] == str(doctor_id)
    assert "بیماری" not in str((made, changed, deleted))
    assert "سفر" not in str((made, changed, deleted))


def test_the_doctor_counts_again_and_the_calls_are_as_they_were(
    db: Connection, admin: Person
) -> None:
    make_doctor(db)
    open_daily(db)
    seat = live_seat(db, make_scheduled(db, make_user(db)))
    count = """
        select count(*) from app.available_doctors(%(start_at)s, %(end_at)s)
    """
    span = {"start_at": seat["start_at"], "end_at": seat["end_at"]}
    absence = call(db, admin, "api.create_absence", doctor_id=seat["doctor_id"], **span)
    assert value(db, count, **span) == 0
    call(db, admin, "api.delete_absence", absence_id=absence["id"])
    assert value(db, count, **span) == 1
    assert rows(db, "select from app.doctor_absences") == []
    assert status(db, "appointments", seat["id"]) == "CONFIRMED"
    reports = "select count(*) from app.notifications where type = 'OVER_CAPACITY'"
    assert value(db, reports) == 1  # what admins were told stays told


@pytest.mark.usefixtures("doctor")
def test_what_is_deleted_is_not_found_again(db: Connection, admin: Person) -> None:
    absence = call(
        db,
        admin,
        "api.create_absence",
        doctor_id=value(db, "select id from app.doctors"),
        start_at=clinic_time(3),
        end_at=clinic_time(4),
    )
    call(db, admin, "api.delete_absence", absence_id=absence["id"])
    for function in ("api.delete_absence", "api.update_absence"):
        with refused("NOT_FOUND"):
            call(db, admin, function, absence_id=absence["id"])
