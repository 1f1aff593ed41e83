"""app.choose_doctor: whose turn it is, and why."""

from datetime import datetime

import pytest

from tests.db.helpers import (
    actions,
    assert_healthy,
    configure,
    live_seat,
    news,
    some_slots,
)
from tests.support.database import Connection, changed, one, rows, value
from tests.support.factories import (
    hold_slot,
    make_consultation,
    make_doctor,
    make_user,
    settle,
    start_payment,
)


def schedule(db: Connection, start_at: datetime) -> str:
    """Book a call at that time for a new owner; return its doctor's name."""
    person = make_user(db)
    consultation_id = make_consultation(db, person)
    hold_slot(db, person, consultation_id, start_at)
    settle(db, start_payment(db, person, consultation_id))
    query = """
        select d.display_name from app.appointments a
        left join app.doctors d on d.id = a.doctor_id where a.consultation_id = %(id)s
    """
    name: str = value(db, query, id=consultation_id)
    return name


def test_calls_go_round_among_the_doctors(db: Connection) -> None:
    for name in ("یک", "دو", "سه"):
        make_doctor(db, name)
    turns = [schedule(db, start_at) for start_at in some_slots(db, 9)]
    assert turns[:3] == ["یک", "دو", "سه"]
    assert turns == turns[:3] * 3
    assert_healthy(db)


def test_two_calls_at_one_time_have_two_doctors(db: Connection) -> None:
    make_doctor(db, "یک")
    make_doctor(db, "دو")
    start_at = some_slots(db, 1)[0]
    assert {schedule(db, start_at), schedule(db, start_at)} == {"یک", "دو"}
    assert_healthy(db)


def test_who_has_fewer_calls_is_next(db: Connection) -> None:
    make_doctor(db, "قدیمی")
    first, second, third = some_slots(db, 3)
    schedule(db, first)
    schedule(db, second)
    make_doctor(db, "تازه")
    assert schedule(db, third) == "تازه"


def test_what_was_canceled_or_is_long_ago_does_not_count(db: Connection) -> None:
    make_doctor(db, "یک")
    make_doctor(db, "دو")
    slots = some_slots(db, 4)
    assert schedule(db, slots[0]) == "یک"
    changed(db, "update app.appointments set status = 'CANCELED'")
    assert schedule(db, slots[1]) == "یک"
    changed(
        db, "update app.appointments set assigned_at = assigned_at - interval '31 days'"
    )
    assert schedule(db, slots[2]) == "یک"
    assert schedule(db, slots[3]) == "دو"


@pytest.mark.parametrize(
    "cause",
    [
        "update app.doctors set is_active = false where display_name = 'یک'",
        """
        insert into app.doctor_absences (doctor_id, start_at, end_at)
        select id, now(), now() + interval '90 days'
        from app.doctors where display_name = 'یک'
        """,
    ],
)
def test_who_takes_no_calls_is_passed_over(db: Connection, cause: str) -> None:
    make_doctor(db, "یک")
    make_doctor(db, "دو")
    changed(db, cause)
    assert [schedule(db, start_at) for start_at in some_slots(db, 2)] == ["دو", "دو"]


def test_the_reason_is_stored_and_audited(db: Connection) -> None:
    doctors = [make_doctor(db), make_doctor(db)]
    schedule(db, some_slots(db, 1)[0])
    seat = one(db, "select * from app.appointments")
    reason = seat["assignment_reason"]
    assert (reason["policy"], reason["candidates"]) == ("ROUND_ROBIN", len(doctors))
    assert reason["assignments_in_30_days"] == 0
    assert seat["assigned_at"] is not None
    assert "DOCTOR_ASSIGNED" in actions(db, seat["id"])
    query = "select meta from app.audit_log where action = 'DOCTOR_ASSIGNED'"
    assert value(db, query)["doctor_id"] == str(seat["doctor_id"])


def test_under_the_manual_policy_an_admin_assigns(db: Connection) -> None:
    make_doctor(db)
    configure(db, doctor_assignment="MANUAL")
    assert schedule(db, some_slots(db, 1)[0]) is None
    consultation_id = one(db, "select id from app.consultations")["id"]
    seat = live_seat(db, consultation_id)
    assert (seat["status"], seat["assigned_at"]) == ("CONFIRMED", None)
    assert ("DOCTOR_UNASSIGNED", "ADMIN") in news(db, consultation_id)
    assert "DOCTOR_ASSIGNED" not in actions(db, seat["id"])


def test_an_assignment_by_hand_is_audited_too(db: Connection) -> None:
    make_doctor(db)
    configure(db, doctor_assignment="MANUAL")
    schedule(db, some_slots(db, 1)[0])
    statement = "update app.appointments set doctor_id = (select id from app.doctors)"
    changed(db, statement)
    seat_id = one(db, "select id from app.appointments")["id"]
    assert actions(db, seat_id)[-1] == "DOCTOR_ASSIGNED"
    assert len(rows(db, "select * from app.audit_log where action ~ 'ASSIGNED'")) == 1
