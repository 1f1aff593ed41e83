"""app.queue_reminders, and what becomes of reminders that have been overtaken."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.db.helpers import configure, live_seat, violates
from tests.support.database import Connection, changed, rows, value
from tests.support.factories import make_scheduled
from tests.support.roles import Person, as_role

DAY = 24 * 60


@pytest.fixture
def scheduled(db: Connection, owner: Person, doctor: Person) -> UUID:
    """A consultation with an appointment in an hour, confirmed two days ago."""
    assert doctor.db_role == "app_doctor"
    consultation_id = make_scheduled(db, owner)
    shift(db, consultation_id, timedelta(hours=1))
    changed(db, "update app.sms_messages set created_at = now() - interval '2 days'")
    return consultation_id


def shift(db: Connection, consultation_id: UUID, ahead: timedelta) -> None:
    """Let the appointment begin so far ahead of now."""
    seat = live_seat(db, consultation_id)
    statement = """
        update app.slots
        set start_at = s.at, end_at = s.at + interval '30 minutes'
        from (select date_trunc('second', clock_timestamp()) + %(ahead)s as at) s
        where id = %(slot_id)s
    """
    assert changed(db, statement, ahead=ahead, slot_id=seat["slot_id"]) == 1


def remind(db: Connection) -> int:
    """Run the job, and return the number of messages that it queued."""
    return int(value(db, "select app.queue_reminders()"))


def reminders(db: Connection) -> list[dict[str, Any]]:
    """Give the reminders."""
    query = "select * from app.sms_messages where event = 'APPOINTMENT_REMINDER'"
    return rows(db, f"{query} order by number")


def claim(db: Connection) -> list[str]:
    """Claim everything, and return the events."""
    with as_role(db, "sidecar"):
        query = "select id from sidecar.claim_sms('w', 100, interval '1 minute')"
        ids = [row["id"] for row in rows(db, query)]
    query = "select event from app.sms_messages where id = any(%(ids)s)"
    return [row["event"] for row in rows(db, query, ids=ids)]


def test_nobody_is_reminded_by_default(db: Connection, scheduled: UUID) -> None:
    assert isinstance(scheduled, UUID)
    assert remind(db) == 0


@pytest.mark.parametrize("minutes", [0, 9, 10081, -60])
def test_a_reminder_comes_ten_minutes_to_a_week_before(
    db: Connection, minutes: int
) -> None:
    with violates("system_config_reminder_minutes_check"), db.transaction():
        configure(db, reminder_minutes=minutes)


def test_an_appointment_is_reminded_of_once(db: Connection, scheduled: UUID) -> None:
    configure(db, reminder_minutes=DAY)
    assert (remind(db), remind(db)) == (1, 0)
    (message,) = reminders(db)
    assert message["expires_at"] == live_seat(db, scheduled)["start_at"]
    assert "APPOINTMENT_REMINDER" in claim(db)


def test_it_is_too_early_for_a_reminder(db: Connection, scheduled: UUID) -> None:
    configure(db, reminder_minutes=30)
    assert isinstance(scheduled, UUID)
    assert remind(db) == 0


def test_who_was_told_of_the_time_just_now_is_not_reminded(
    db: Connection, scheduled: UUID
) -> None:
    assert isinstance(scheduled, UUID)
    changed(db, "update app.sms_messages set created_at = clock_timestamp()")
    configure(db, reminder_minutes=DAY)
    assert remind(db) == 0


def test_another_time_is_reminded_of_again(db: Connection, scheduled: UUID) -> None:
    configure(db, reminder_minutes=DAY)
    assert remind(db) == 1
    shift(db, scheduled, timedelta(hours=2))
    assert (remind(db), len(reminders(db))) == (1, 2)


def test_another_doctor_is_no_reason_to_remind_again(
    db: Connection, scheduled: UUID
) -> None:
    configure(db, reminder_minutes=DAY)
    assert remind(db) == 1
    before = live_seat(db, scheduled)["version"]
    changed(db, "update app.appointments set doctor_id = null, assigned_at = null")
    assert live_seat(db, scheduled)["version"] > before
    assert remind(db) == 0


@pytest.mark.parametrize(
    "overtaken",
    [
        "update app.appointments set status = 'CANCELED' where status = 'CONFIRMED'",
        """
        update app.slots set start_at = start_at + interval '1 hour',
                             end_at = end_at + interval '1 hour'
        """,
        """
        update app.sms_messages set expires_at = clock_timestamp()
        where event = 'APPOINTMENT_REMINDER'
        """,
    ],
)
def test_a_reminder_that_is_no_longer_true_is_not_sent(
    db: Connection, scheduled: UUID, overtaken: str
) -> None:
    assert isinstance(scheduled, UUID)
    configure(db, reminder_minutes=DAY)
    remind(db)
    assert changed(db, overtaken) == 1
    assert "APPOINTMENT_REMINDER" not in claim(db)
    (message,) = reminders(db)
    assert (message["status"], message["error"]) == (
        "FAILED",
        "it was no longer worth sending",
    )
