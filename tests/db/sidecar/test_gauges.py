"""sidecar.gauges: the state of the system, in figures that a monitor can trust."""

from datetime import timedelta
from uuid import UUID

import pytest

from tests.db.helpers import forbidden
from tests.support.database import Connection, changed, rows, value
from tests.support.factories import make_doctor, make_scheduled, settle
from tests.support.roles import Person, as_person, as_role


def gauges(db: Connection) -> dict[tuple[str, str], float]:
    """Read all of them as the sidecar."""
    with as_role(db, "sidecar"):
        found = rows(db, "select * from sidecar.gauges()")
    return {(row["metric"], row["label"]): row["value"] for row in found}


def test_open_payments_are_counted_with_the_age_of_the_oldest(
    db: Connection, payment: UUID
) -> None:
    before = gauges(db)
    statement = "update app.payments set created_at = created_at - %(age)s"
    assert changed(db, statement, age=timedelta(hours=3))
    after = gauges(db)
    assert before["payments_open", "PENDING"] == 1
    assert before["payments_open_oldest_seconds", ""] < 3600
    assert 3 * 3600 <= after["payments_open_oldest_seconds", ""] < 4 * 3600
    settle(db, payment)
    ended = gauges(db)
    assert ended["payments_open", "PENDING"] == 0
    assert ended["payments_open_oldest_seconds", ""] == 0
    assert ended["sms_queued", ""] == 1


def test_a_hold_is_live_until_it_expires(db: Connection, held: UUID) -> None:
    del held
    assert gauges(db)["holds", "live"] == 1
    statement = "update app.appointments set hold_expires_at = now() - interval '1 s'"
    assert changed(db, statement)
    after = gauges(db)
    assert (after["holds", "live"], after["holds", "expired"]) == (0, 1)


def test_a_message_is_overdue_from_the_time_it_is_due(db: Connection) -> None:
    statement = """
        insert into app.sms_messages (event, subject, recipient, body, next_attempt_at)
        values ('TEST', 'a', '09121234567', 'x', now() - interval '10 min'),
               ('TEST', 'b', '09121234567', 'x', now() + interval '10 min')
    """
    assert changed(db, statement) == 2
    found = gauges(db)
    assert found["sms_queued", ""] == 2
    assert 600 <= found["sms_overdue_seconds", ""] < 900


def test_objects_to_be_deleted_are_counted_with_the_age_of_the_oldest(
    db: Connection,
) -> None:
    before = gauges(db)
    assert before["object_deletions", ""] == 0
    assert before["object_deletions_oldest_seconds", ""] == 0
    statement = """
        insert into app.object_deletions (object_key, reason, created_at)
        values ('a', 'SWEPT', now()), ('b', 'SWEPT', now() - interval '3 h')
    """
    assert changed(db, statement) == 2
    after = gauges(db)
    assert after["object_deletions", ""] == 2
    assert 3 * 3600 <= after["object_deletions_oldest_seconds", ""] < 4 * 3600


def test_slots_with_more_calls_than_doctors_are_counted(
    db: Connection, owner: Person, doctor: Person
) -> None:
    make_scheduled(db, owner)
    assert gauges(db)["slots_over_capacity", ""] == 0
    statement = "update app.doctors set is_active = false where user_id = %(id)s"
    assert changed(db, statement, id=doctor.user_id)
    assert gauges(db)["slots_over_capacity", ""] == 1
    make_doctor(db, "دکتر تازه")
    assert gauges(db)["slots_over_capacity", ""] == 0


def test_a_job_shows_its_last_success_and_whether_it_fails_now(db: Connection) -> None:
    name = "holds:release-expired"
    success = "job_last_success_timestamp_seconds"
    assert (success, name) not in gauges(db)
    statement = """
        insert into app.job_runs (job_name, started_at, ended_at, error)
        values (%(name)s, now() - interval '2 h', now() - interval '1 h', null),
               (%(name)s, now() - interval '1 min', now(), 'broken')
    """
    assert changed(db, statement, name=name) == 2
    found = gauges(db)
    hour_ago = value(db, "select extract(epoch from now() - interval '1 h')")
    assert found[success, name] == pytest.approx(float(hour_ago))
    assert found["job_failing", name] == 1
    assert found["job_failing", "sessions:prune"] == 0


def test_violations_are_counted_by_the_job_and_not_by_the_scrape(
    db: Connection, payment: UUID
) -> None:
    assert ("invariant_violations", "") not in gauges(db)
    assert value(db, "select app.check_invariants()") == 0
    assert gauges(db)["invariant_violations", ""] == 0
    settle(db, payment)
    # A verified payment that nothing shows for, past every trigger.
    db.execute("set local role none; set local session_replication_role = replica")
    assert changed(db, "update app.appointments set status = 'CANCELED'")
    assert changed(db, "update app.consultations set status = 'CANCELED'")
    db.execute("set local session_replication_role = origin; set local role app_owner")
    assert gauges(db)["invariant_violations", ""] == 0
    assert value(db, "select app.check_invariants()") == 0
    assert gauges(db)["invariant_violations", ""] >= 1


def test_nobody_else_reads_them(db: Connection, owner: Person) -> None:
    with as_person(db, owner), forbidden():
        rows(db, "select * from sidecar.gauges()")
