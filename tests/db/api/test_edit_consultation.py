"""api.edit_consultation: what an admin may change, and what comes of it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.db.helpers import (
    NOBODY_ID,
    actions,
    assert_healthy,
    call,
    close_clinic,
    configure,
    forbidden,
    lapse_hold,
    live_seat,
    news,
    some_slots,
    status,
)
from tests.support.database import Connection, changed, one, rows, value
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


@pytest.fixture
def scheduled(db: Connection, owner: Person, doctor: Person) -> UUID:
    """A paid consultation of the owner's, with an appointment at the only doctor's."""
    assert doctor.db_role == "app_doctor"
    return make_scheduled(db, owner)


def edit(db: Connection, admin: Person, consultation_id: UUID, **changes: Any) -> Any:
    """Change a consultation as an admin, and return it as it is then."""
    return call(
        db, admin, "api.edit_consultation", consultation_id=consultation_id, **changes
    )


def doctor_id(db: Connection, person: Person) -> UUID:
    """Return a doctor's id."""
    query = "select id from app.doctors where user_id = %(id)s"
    found: UUID = value(db, query, id=person.user_id)
    return found


def messages(db: Connection) -> list[str]:
    """Return the events of the queued messages, in order."""
    query = "select event from app.sms_messages order by number"
    return [row["event"] for row in rows(db, query)]


def begin_call(db: Connection, consultation_id: UUID) -> None:
    """Let the appointment's time come: its slot lies an hour back."""
    statement = """
        update app.slots set start_at = clock_timestamp() - interval '1 hour',
            end_at = clock_timestamp() - interval '30 minutes'
        where id = (select slot_id from app.appointments
                    where consultation_id = %(id)s and status = 'CONFIRMED')
    """
    assert changed(db, statement, id=consultation_id) == 1


def test_a_move_keeps_the_doctor_and_tells_the_owner(
    db: Connection, admin: Person, scheduled: UUID
) -> None:
    before = live_seat(db, scheduled)
    later = some_slots(db, 3)[-1]
    shown = edit(db, admin, scheduled, start_at=later)
    after = live_seat(db, scheduled)
    assert datetime.fromisoformat(shown["appointment"]["start_at"]) == later
    assert (after["id"], after["doctor_id"]) == (before["id"], before["doctor_id"])
    assert after["assignment_reason"] == before["assignment_reason"]
    assert messages(db) == ["APPOINTMENT_CONFIRMED", "APPOINTMENT_MOVED"]
    assert ("APPOINTMENT_MOVED", "USER") in news(db, scheduled)
    assert "SLOT_CHANGED" in actions(db, after["id"])
    assert_healthy(db)


def test_every_move_tells_the_owner_and_staying_tells_nothing(
    db: Connection, admin: Person, scheduled: UUID
) -> None:
    first, second = some_slots(db, 2)
    for start_at in (second, second, first):
        edit(db, admin, scheduled, start_at=start_at)
    assert messages(db)[1:] == ["APPOINTMENT_MOVED"] * 2


def test_another_doctor_takes_over_where_the_first_is_busy(
    db: Connection, admin: Person, owner: Person, stranger: Person
) -> None:
    make_doctor(db), make_doctor(db)
    first, second = some_slots(db, 2)
    here, there = (make_consultation(db, who) for who in (owner, stranger))
    for consultation_id, who, start_at in (
        (here, owner, first),
        (there, stranger, second),
    ):
        hold_slot(db, who, consultation_id, start_at)
        settle(db, start_payment(db, who, consultation_id))
    busy = live_seat(db, here)["doctor_id"]
    edit(db, admin, there, doctor_id=busy)
    shown = edit(db, admin, here, start_at=second)
    seat = live_seat(db, here)
    assert seat["doctor_id"] not in (None, busy)
    assert seat["assignment_reason"]["policy"] == "ROUND_ROBIN"
    assert shown["appointment"]["doctor"]["id"] == str(seat["doctor_id"])
    assert_healthy(db)


def test_where_an_admin_assigns_a_move_may_leave_it_without_a_doctor(
    db: Connection, admin: Person, doctor: Person, scheduled: UUID
) -> None:
    later = some_slots(db, 3)[-1]
    make_doctor(db)
    configure(db, doctor_assignment="MANUAL")
    changed(
        db,
        "insert into app.doctor_absences (doctor_id, start_at, end_at)"
        " values (%(id)s, %(at)s, %(at)s + interval '1 hour')",
        id=doctor_id(db, doctor),
        at=later,
    )
    edit(db, admin, scheduled, start_at=later)
    assert live_seat(db, scheduled)["doctor_id"] is None
    assert ("DOCTOR_UNASSIGNED", "ADMIN") in news(db, scheduled)
    assert_healthy(db)


def test_a_move_into_a_full_slot_is_refused_and_nothing_has_changed(
    db: Connection, admin: Person, stranger: Person, scheduled: UUID
) -> None:
    before = live_seat(db, scheduled)
    full = some_slots(db, 3)[-1]
    hold_slot(db, stranger, make_consultation(db, stranger), full)
    with refused("SLOT_FULL") as refusal:
        edit(db, admin, scheduled, start_at=full)
    assert refusal.details["nearest_free_slots"]
    assert live_seat(db, scheduled) == before


def test_a_move_follows_the_rules_of_the_grid(
    db: Connection, admin: Person, scheduled: UUID
) -> None:
    later = some_slots(db, 3)[-1]
    for start_at, rule in (
        (later + timedelta(minutes=7), "OFF_GRID"),
        (later - timedelta(days=700), "PAST"),
    ):
        with refused("SLOT_NOT_OFFERED") as refusal:
            edit(db, admin, scheduled, start_at=start_at)
        assert refusal.details["rule"] in (rule, "CLOSED_DAY")
    close_clinic(db, later)
    with refused("SLOT_NOT_OFFERED"):
        edit(db, admin, scheduled, start_at=later)


def test_a_time_for_an_unpaid_consultation_is_a_hold(
    db: Connection, admin: Person, doctor: Person, described: UUID
) -> None:
    assert doctor.db_role == "app_doctor"
    first, second = some_slots(db, 2)
    shown = edit(db, admin, described, start_at=first)
    assert (shown["status"], shown["appointment"]["status"]) == ("SLOT_HELD", "HELD")
    assert messages(db) == []
    held = live_seat(db, described)
    moved = edit(db, admin, described, start_at=second)
    assert moved["appointment"]["status"] == "HELD"
    assert live_seat(db, described)["hold_expires_at"] == held["hold_expires_at"]
    assert messages(db) == ["APPOINTMENT_MOVED"]
    assert_healthy(db)


def test_a_hold_that_has_run_out_is_taken_anew(
    db: Connection, admin: Person, held: UUID
) -> None:
    old = live_seat(db, held)
    lapse_hold(db, held)
    edit(db, admin, held, start_at=old["start_at"])
    seat = live_seat(db, held)
    assert seat["id"] != old["id"]
    assert status(db, "consultations", held) == "SLOT_HELD"


def lose_seat(db: Connection, payment: UUID, held: UUID) -> datetime:
    """Let the money come after the seat was lost; return the lost start."""
    start_at: datetime = live_seat(db, held)["start_at"]
    lapse_hold(db, held)
    value(db, "select app.release_expired_holds()")
    other = make_user(db)
    hold_slot(db, other, make_consultation(db, other), start_at)
    assert settle(db, payment) == "VERIFIED"
    assert status(db, "consultations", held) == "PAID"
    return start_at


def test_a_time_for_a_paid_consultation_without_a_seat_schedules_it(
    db: Connection, admin: Person, held: UUID, payment: UUID
) -> None:
    lose_seat(db, payment, held)
    with refused("INVALID_STATE"):
        edit(db, admin, held, status="SCHEDULED")
    start_at = some_slots(db, 1)[0]
    shown = edit(db, admin, held, start_at=start_at, status="SCHEDULED")
    assert (shown["status"], shown["appointment"]["status"]) == (
        "SCHEDULED",
        "CONFIRMED",
    )
    assert messages(db)[-1] == "APPOINTMENT_CONFIRMED"
    assert_healthy(db)


def test_scheduled_is_never_reached_without_a_verified_payment(
    db: Connection, admin: Person, doctor: Person, described: UUID
) -> None:
    assert doctor.db_role == "app_doctor"
    start_at = some_slots(db, 1)[0]
    with refused("INVALID_STATE") as refusal:
        edit(db, admin, described, start_at=start_at, status="SCHEDULED")
    assert refusal.details["status"] == "SLOT_HELD"
    # All or nothing: the hold is gone as well.
    assert status(db, "consultations", described) == "DETAILS_SUBMITTED"


def test_while_the_owner_is_at_the_bank_nothing_is_moved(
    db: Connection, admin: Person, held: UUID, payment: UUID
) -> None:
    assert status(db, "payments", payment) == "PENDING"
    with refused("PAYMENT_IN_PROGRESS"):
        edit(db, admin, held, start_at=some_slots(db, 2)[-1])


def test_a_doctor_is_assigned(db: Connection, admin: Person, scheduled: UUID) -> None:
    other = doctor_id(db, make_doctor(db))
    shown = edit(db, admin, scheduled, doctor_id=other)
    seat = live_seat(db, scheduled)
    assert (seat["doctor_id"], seat["assignment_reason"]) == (
        other,
        {"policy": "ADMIN"},
    )
    assert shown["appointment"]["doctor"]["id"] == str(other)
    assert actions(db, seat["id"])[-1] == "DOCTOR_ASSIGNED"


def test_a_doctor_is_never_in_two_places(
    db: Connection, admin: Person, stranger: Person, scheduled: UUID
) -> None:
    make_doctor(db)
    seat = live_seat(db, scheduled)
    other = make_consultation(db, stranger)
    hold_slot(db, stranger, other, seat["start_at"])
    settle(db, start_payment(db, stranger, other))
    with refused("CONFLICT") as refusal:
        edit(db, admin, other, doctor_id=seat["doctor_id"])
    assert list(refusal.details["fields"]) == ["doctor_id"]
    assert_healthy(db)


def test_a_doctor_who_is_away_or_unknown_is_not_assigned(
    db: Connection, admin: Person, scheduled: UUID
) -> None:
    other = doctor_id(db, make_doctor(db))
    changed(db, "update app.doctors set is_active = false where id = %(id)s", id=other)
    with refused("CONFLICT"):
        edit(db, admin, scheduled, doctor_id=other)
    with refused("NOT_FOUND"):
        edit(db, admin, scheduled, doctor_id=NOBODY_ID)


def test_what_is_not_confirmed_has_no_doctor(
    db: Connection, admin: Person, doctor: Person, held: UUID, described: UUID
) -> None:
    assert held == described
    with refused("INVALID_STATE"):
        edit(db, admin, held, doctor_id=doctor_id(db, doctor))


def test_time_and_doctor_change_together_or_not_at_all(
    db: Connection, admin: Person, scheduled: UUID
) -> None:
    before = live_seat(db, scheduled)
    later = some_slots(db, 3)[-1]
    with refused("NOT_FOUND"):
        edit(db, admin, scheduled, start_at=later, doctor_id=NOBODY_ID)
    assert live_seat(db, scheduled) == before
    other = doctor_id(db, make_doctor(db))
    edit(db, admin, scheduled, start_at=later, doctor_id=other)
    seat = live_seat(db, scheduled)
    assert (seat["start_at"], seat["doctor_id"]) == (later, other)
    assert messages(db) == ["APPOINTMENT_CONFIRMED", "APPOINTMENT_MOVED"]


def test_who_has_no_call_any_more_gets_no_doctor(
    db: Connection, admin: Person, scheduled: UUID
) -> None:
    begin_call(db, scheduled)
    edit(db, admin, scheduled, status="COMPLETED")
    other = doctor_id(db, make_doctor(db))
    with refused("INVALID_STATE") as refusal:
        edit(db, admin, scheduled, doctor_id=other)
    assert refusal.details is None


def test_a_call_is_completed_after_its_start(
    db: Connection, admin: Person, scheduled: UUID
) -> None:
    with refused("INVALID_STATE"):
        edit(db, admin, scheduled, status="COMPLETED")
    begin_call(db, scheduled)
    shown = edit(db, admin, scheduled, status="COMPLETED")
    assert (shown["status"], shown["appointment"]["outcome"]) == (
        "COMPLETED",
        "TOOK_PLACE",
    )
    assert_healthy(db)


def test_an_outcome_can_be_corrected(
    db: Connection, admin: Person, scheduled: UUID
) -> None:
    with refused("INVALID_STATE"):
        edit(db, admin, scheduled, outcome="NO_SHOW")
    begin_call(db, scheduled)
    seat = live_seat(db, scheduled)
    edit(db, admin, scheduled, status="COMPLETED", outcome="NO_SHOW")
    shown = edit(db, admin, scheduled, outcome="TOOK_PLACE")
    assert shown["appointment"]["outcome"] == "TOOK_PLACE"
    assert actions(db, seat["id"])[-1] == "APPOINTMENT_OUTCOME_CHANGED"
    with refused("INVALID_STATE"):
        edit(db, admin, scheduled, status="CANCELED")


def test_canceling_a_paid_one_makes_a_refund_due_and_tells_the_owner(
    db: Connection, admin: Person, scheduled: UUID
) -> None:
    shown = edit(db, admin, scheduled, status="CANCELED")
    assert (shown["status"], shown["appointment"]) == ("CANCELED", None)
    (refund,) = shown["refunds"]
    assert (refund["status"], refund["reason"]) == ("DUE", "ADMIN_CANCELED")
    assert refund["amount_toman"] == 280_000
    assert messages(db)[-1] == "APPOINTMENT_CANCELED"
    assert ("APPOINTMENT_CANCELED", "USER") in news(db, scheduled)
    with refused("INVALID_STATE"):
        edit(db, admin, scheduled, status="CANCELED")
    assert_healthy(db)


def test_canceling_one_that_waits_for_a_slot_gives_the_money_back(
    db: Connection, admin: Person, held: UUID, payment: UUID
) -> None:
    lose_seat(db, payment, held)
    shown = edit(db, admin, held, status="CANCELED")
    assert (shown["status"], len(shown["refunds"])) == ("CANCELED", 1)
    assert messages(db)[-1] == "APPOINTMENT_CANCELED"
    assert_healthy(db)


def test_canceling_while_the_owner_pays_refunds_what_comes_in(
    db: Connection, admin: Person, held: UUID, payment: UUID
) -> None:
    shown = edit(db, admin, held, status="CANCELED")
    assert (shown["status"], shown["refunds"]) == ("CANCELED", [])
    assert status(db, "payments", payment) == "CANCELED"
    assert settle(db, payment) == "VERIFIED"
    reason = value(db, "select reason from app.refunds")
    assert reason == "CONSULTATION_CLOSED"
    assert_healthy(db)


def test_a_draft_is_canceled_quietly(
    db: Connection, admin: Person, owner: Person
) -> None:
    draft = make_consultation(db, owner, with_details=False)
    assert edit(db, admin, draft, status="CANCELED")["status"] == "CANCELED"
    assert messages(db) == []


@pytest.mark.parametrize("change", ["start_at", "doctor_id", "status"])
def test_a_stale_version_is_refused_and_every_change_makes_a_new_one(
    db: Connection, admin: Person, scheduled: UUID, change: str
) -> None:
    query = "select version from api.admin_consultations where id = %(id)s"
    seen = value(db, query, id=scheduled)
    changes: dict[str, Any] = {
        "start_at": some_slots(db, 3)[-1],
        "doctor_id": doctor_id(db, make_doctor(db)),
        "status": "CANCELED",
    }
    with refused("PRECONDITION_FAILED") as refusal:
        edit(db, admin, scheduled, version=seen - 1, **{change: changes[change]})
    assert (refusal.status, refusal.details["version"]) == (412, seen)
    shown = edit(db, admin, scheduled, version=seen, **{change: changes[change]})
    assert shown["version"] > seen
    with refused("PRECONDITION_FAILED"):
        edit(db, admin, scheduled, version=seen, **{change: changes[change]})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, "body"),
        ({"status": "PAID"}, "status"),
        ({"status": "EXPIRED"}, "status"),
        ({"status": "CANCELED", "outcome": "NO_SHOW"}, "outcome"),
        ({"status": "CANCELED", "start_at": "2027-01-01"}, "start_at"),
    ],
)
def test_a_change_that_makes_no_sense_is_named(
    db: Connection, admin: Person, scheduled: UUID, changes: dict[str, Any], field: str
) -> None:
    with refused("VALIDATION_FAILED") as refusal:
        edit(db, admin, scheduled, **changes)
    assert list(refusal.details["fields"]) == [field]


def test_the_details_show_all_that_belongs_to_it(
    db: Connection, admin: Person, owner: Person, scheduled: UUID
) -> None:
    shown = edit(db, admin, scheduled, start_at=some_slots(db, 3)[-1])
    (seat,) = shown["appointments"]
    assert seat["assignment_reason"]["policy"] == "ROUND_ROBIN"
    (payment,) = shown["payments"]
    assert (payment["status"], payment["amount_rials"]) == ("VERIFIED", 2_800_000)
    assert payment.keys().isdisjoint({"nonce", "authority", "raw_response"})
    trail = [(line["action"], line["entity_type"]) for line in shown["audit"]]
    assert trail[0] == ("CONSULTATION_CREATED", "consultation")
    assert trail[-1] == ("SLOT_CHANGED", "appointment")
    assert {"PAYMENT_VERIFIED", "DOCTOR_ASSIGNED", "APPOINTMENT_CONFIRMED"} <= {
        action for action, _ in trail
    }
    assert shown["audit"][0]["actor"]["id"] == str(owner.user_id)
    assert shown["audit"][-1]["actor"]["id"] == str(admin.user_id)


def test_what_is_not_there_is_not_found(db: Connection, admin: Person) -> None:
    with refused("NOT_FOUND"):
        edit(db, admin, NOBODY_ID, status="CANCELED")


def test_only_admins_edit(
    db: Connection, owner: Person, doctor: Person, scheduled: UUID
) -> None:
    for person in (owner, doctor):
        with forbidden():
            edit(db, person, scheduled, status="CANCELED")
    assert one(db, "select status from app.consultations")["status"] == "SCHEDULED"
