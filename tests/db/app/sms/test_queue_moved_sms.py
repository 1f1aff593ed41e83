"""What owners are told when an admin moves or cancels: once for each time."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.db.helpers import configure, live_seat, news
from tests.support.database import Connection, changed, rows, value
from tests.support.factories import make_doctor, make_scheduled
from tests.support.roles import Person, as_role


@pytest.fixture
def scheduled(db: Connection, owner: Person, doctor: Person) -> UUID:
    """A consultation with a confirmed appointment."""
    assert doctor.db_role == "app_doctor"
    return make_scheduled(db, owner)


def move(db: Connection, consultation_id: UUID) -> None:
    """Report a move from half an hour before; of the row, only the version changes."""
    seat = live_seat(db, consultation_id)
    changed(db, "update app.appointments set hold_expires_at = clock_timestamp()")
    query = "select app.report_moved_appointment(%(id)s, %(before)s)"
    before = seat["start_at"] - timedelta(minutes=30)
    value(db, query, id=seat["id"], before=before)


def messages(db: Connection, event: str) -> list[Any]:
    """Give the bodies of an event's messages."""
    query = "select body from app.sms_messages where event = %(event)s order by number"
    return [row["body"] for row in rows(db, query, event=event)]


def test_every_move_sends_one_message_with_both_times(
    db: Connection, scheduled: UUID
) -> None:
    configure(
        db,
        sms_moved_template="{previousTime} > {weekday} {date} {time} {consultationId}",
    )
    move(db, scheduled)
    move(db, scheduled)
    start = live_seat(db, scheduled)["start_at"]
    query = """
        select (app.moment_fields(%(start)s - interval '30 minutes'))."time" || ' > '
               || m.weekday || ' ' || m.date || ' ' || m."time"
        from app.moment_fields(%(start)s) m
    """
    expected = f"{value(db, query, start=start)} {scheduled}"
    assert messages(db, "APPOINTMENT_MOVED") == [expected, expected]
    assert ("APPOINTMENT_MOVED", "USER") in news(db, scheduled)


def test_the_same_move_is_told_of_once(db: Connection, scheduled: UUID) -> None:
    move(db, scheduled)
    query = """
        select app.queue_moved_sms(a, a.start_at) from app.appointments a
        where a.consultation_id = %(id)s
    """
    assert value(db, query, id=scheduled) is False
    assert len(messages(db, "APPOINTMENT_MOVED")) == 1


def test_a_cancellation_is_told_of_once(db: Connection, scheduled: UUID) -> None:
    seat = live_seat(db, scheduled)
    query = "select app.report_canceled_appointment(%(id)s)"
    value(db, query, id=seat["id"])
    value(db, query, id=seat["id"])
    (body,) = messages(db, "APPOINTMENT_CANCELED")
    assert str(scheduled) in body
    assert "{" not in body
    assert ("APPOINTMENT_CANCELED", "USER") in news(db, scheduled)


def claimed(db: Connection) -> list[str]:
    """Let a worker take all that waits, retries included; return the bodies."""
    changed(db, "update app.sms_messages set next_attempt_at = clock_timestamp()")
    query = "select body from sidecar.claim_sms('w', 10, '1 minute')"
    with as_role(db, "sidecar"):
        return [row["body"] for row in rows(db, query)]


def test_the_time_before_is_not_told_after_the_new_one(
    db: Connection, scheduled: UUID
) -> None:
    """The provider was down, or took the first message only at a second try."""
    configure(db, sms_moved_template="{previousTime} > {time}")
    move(db, scheduled)
    assert claimed(db) == messages(db, "APPOINTMENT_MOVED")
    query = "select event from app.sms_messages where status = 'FAILED'"
    assert rows(db, query) == [{"event": "APPOINTMENT_CONFIRMED"}]


def test_nothing_but_the_cancellation_is_told_of_what_is_canceled(
    db: Connection, scheduled: UUID
) -> None:
    move(db, scheduled)
    seat = live_seat(db, scheduled)
    value(db, "select app.report_canceled_appointment(%(id)s)", id=seat["id"])
    assert claimed(db) == messages(db, "APPOINTMENT_CANCELED")


def test_what_others_wait_for_is_told_all_the_same(
    db: Connection, scheduled: UUID, stranger: Person
) -> None:
    del scheduled
    make_doctor(db)
    other = make_scheduled(db, stranger)
    move(db, other)
    assert len(claimed(db)) == 2
