"""app.report_over_capacity: what admins hear when there are more calls than doctors."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.db.helpers import (
    assert_healthy,
    clinic_time,
    close_clinic,
    configure,
    live_seat,
    status,
)
from tests.support.database import Connection, changed, one, rows
from tests.support.factories import (
    hold_slot,
    make_consultation,
    make_doctor,
    make_scheduled,
    make_user,
    settle,
    start_payment,
)
from tests.support.roles import Person, refused


def reports(db: Connection) -> list[list[dict[str, Any]]]:
    """Return the appointments of each OVER_CAPACITY notification, in order."""
    query = """
        select payload from app.notifications
        where type = 'OVER_CAPACITY' and target_role = 'ADMIN' order by created_at
    """
    return [row["payload"]["appointments"] for row in rows(db, query)]


def book(db: Connection, count: int) -> list[Any]:
    """Confirm calls for new owners in the first free slots; return the seats."""
    return [live_seat(db, make_scheduled(db, make_user(db))) for _ in range(count)]


def seat_ids(report: list[dict[str, Any]]) -> set[UUID]:
    """Return the appointments that a report lists."""
    return {UUID(line["appointment_id"]) for line in report}


CAUSES = {
    "deactivated": "update app.doctors set is_active = false where id = %(doctor)s",
    "account closed": """
        update app.users set is_active = false
        where id = (select user_id from app.doctors where id = %(doctor)s)
    """,
    "no doctor any more": """
        update app.users set role = 'USER'
        where id = (select user_id from app.doctors where id = %(doctor)s)
    """,
    "absent": """
        insert into app.doctor_absences (doctor_id, start_at, end_at)
        values (%(doctor)s, %(start)s, %(start)s + interval '1 day')
    """,
    "closed": """
        insert into app.closures (start_at, end_at, reason)
        values (%(start)s, %(start)s + interval '1 day', 'تعطیل')
    """,
}


@pytest.mark.parametrize("cause", CAUSES)
def test_one_notification_lists_the_calls_of_a_slot_with_too_few_doctors(
    db: Connection, cause: str
) -> None:
    make_doctor(db)
    make_doctor(db)
    seats = book(db, 2)
    first, second = seats
    assert first["start_at"] == second["start_at"]
    changed(db, CAUSES[cause], doctor=first["doctor_id"], start=first["start_at"])
    (report,) = reports(db)
    assert seat_ids(report) == {first["id"], second["id"]}
    whys = {UUID(line["appointment_id"]): line["why"] for line in report}
    expected = ("IN_CLOSURE", "IN_CLOSURE") if cause == "closed" else None
    assert (whys[first["id"]], whys[second["id"]]) == (
        expected or ("DOCTOR_AWAY", "OVER_CAPACITY")
    )
    for line, seat in zip(report, sorted(seats, key=lambda s: s["id"]), strict=True):
        assert datetime.fromisoformat(line["start_at"]) == seat["start_at"]
        assert UUID(line["doctor_id"]) == seat["doctor_id"]


@pytest.mark.parametrize("cause", CAUSES)
def test_what_is_over_booked_stays_and_nobody_else_gets_in(
    db: Connection, cause: str
) -> None:
    make_doctor(db)
    make_doctor(db)
    seats = book(db, 2)
    late = make_user(db)
    consultation_id = make_consultation(db, late)
    start_at = seats[0]["start_at"]
    changed(db, CAUSES[cause], doctor=seats[0]["doctor_id"], start=start_at)
    for seat in seats:
        assert status(db, "appointments", seat["id"]) == "CONFIRMED"
    code = "SLOT_NOT_OFFERED" if cause == "closed" else "SLOT_FULL"
    with refused(code):
        hold_slot(db, late, consultation_id, start_at)
    assert_healthy(db)


@pytest.mark.parametrize("cause", [cause for cause in CAUSES if cause != "closed"])
def test_nothing_is_said_when_the_others_can_take_the_calls(
    db: Connection, cause: str
) -> None:
    make_doctor(db)
    make_doctor(db)
    (seat,) = book(db, 1)
    changed(db, CAUSES[cause], doctor=seat["doctor_id"], start=seat["start_at"])
    assert reports(db) == []


@pytest.mark.parametrize("cause", CAUSES)
def test_nothing_is_said_when_nothing_is_booked(db: Connection, cause: str) -> None:
    make_doctor(db)
    doctor_id = one(db, "select id from app.doctors")["id"]
    changed(db, CAUSES[cause], doctor=doctor_id, start=clinic_time(1))
    assert reports(db) == []


def test_held_seats_are_not_reported(db: Connection) -> None:
    make_doctor(db)
    owner = make_user(db)
    hold_slot(db, owner, make_consultation(db, owner))
    changed(db, "update app.doctors set is_active = false")
    assert reports(db) == []


def test_calls_that_are_over_are_not_reported(db: Connection) -> None:
    make_doctor(db)
    book(db, 1)
    statement = """
        update app.slots
        set start_at = start_at - interval '90 days',
            end_at = end_at - interval '90 days'
    """
    changed(db, statement)
    changed(db, "update app.doctors set is_active = false")
    assert reports(db) == []


def test_a_statement_that_sends_everybody_away_is_one_notification(
    db: Connection,
) -> None:
    for _ in range(3):
        make_doctor(db)
    seats = book(db, 4)
    changed(db, "update app.doctors set is_active = false")
    (report,) = reports(db)
    assert seat_ids(report) == {seat["id"] for seat in seats}
    assert {line["why"] for line in report} == {"DOCTOR_AWAY"}


def test_several_closures_at_once_are_one_notification(db: Connection) -> None:
    make_doctor(db)
    seats = book(db, 3)
    statement = """
        insert into app.closures (start_at, end_at, reason)
        select start_at, end_at, 'تعطیل' from app.appointments
    """
    assert changed(db, statement) == 3
    (report,) = reports(db)
    assert seat_ids(report) == {seat["id"] for seat in seats}


def test_a_longer_closure_reports_what_it_newly_covers(db: Connection) -> None:
    make_doctor(db)
    first, second = book(db, 2)
    statement = """
        insert into app.closures (start_at, end_at, reason)
        values (%(start)s, %(end)s, 'تعطیل')
    """
    changed(db, statement, start=first["start_at"], end=first["end_at"])
    changed(db, "update app.closures set end_at = %(end)s", end=second["end_at"])
    assert [seat_ids(report) for report in reports(db)] == [
        {first["id"]},
        {second["id"]},
    ]
    changed(db, "update app.closures set reason = 'عید'")
    changed(db, "update app.closures set end_at = %(end)s", end=first["end_at"])
    assert len(reports(db)) == 2


def test_an_absence_that_moves_to_another_doctor_is_a_new_one(db: Connection) -> None:
    make_doctor(db)
    make_doctor(db)
    first, second = book(db, 2)
    changed(
        db,
        CAUSES["absent"],
        doctor=first["doctor_id"],
        start=first["start_at"] + timedelta(days=1),
    )
    assert reports(db) == []
    statement = """
        update app.doctor_absences
        set doctor_id = %(doctor)s, start_at = start_at - interval '1 day'
    """
    changed(db, statement, doctor=second["doctor_id"])
    (report,) = reports(db)
    assert {(line["doctor_id"], line["why"]) for line in report} == {
        (str(first["doctor_id"]), "OVER_CAPACITY"),
        (str(second["doctor_id"]), "DOCTOR_AWAY"),
    }


def test_who_comes_back_or_changes_the_name_is_no_news(db: Connection) -> None:
    make_doctor(db)
    book(db, 1)
    changed(db, "update app.doctors set is_active = false")
    changed(db, "update app.doctors set display_name = 'دکتر دیگر'")
    changed(db, "update app.doctors set is_active = true")
    changed(db, "update app.users set last_login_at = clock_timestamp()")
    assert len(reports(db)) == 1


def test_a_call_without_a_doctor_is_listed_too(db: Connection, owner: Person) -> None:
    make_doctor(db)
    configure(db, doctor_assignment="MANUAL")
    make_scheduled(db, owner)
    changed(db, "update app.doctors set is_active = false")
    (report,) = reports(db)
    assert [(line["doctor_id"], line["why"]) for line in report] == [
        (None, "OVER_CAPACITY")
    ]


def test_a_seat_that_is_paid_for_after_the_closure_is_reported_then(
    db: Connection, owner: Person
) -> None:
    make_doctor(db)
    consultation_id = make_consultation(db, owner)
    hold = hold_slot(db, owner, consultation_id)
    payment_id = start_payment(db, owner, consultation_id)
    close_clinic(db, hold["start_at"])
    assert reports(db) == []
    settle(db, payment_id)
    (report,) = reports(db)
    assert seat_ids(report) == {hold["id"]}
