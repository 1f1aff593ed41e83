"""app.invariants: quiet after every journey, and loud about each kind of damage."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest

from tests.db.helpers import assert_healthy, call, lapse_hold, status
from tests.support.database import Connection, Database, changed, one, rows
from tests.support.factories import (
    hold_slot,
    make_consultation,
    make_doctor,
    make_scheduled,
    make_user,
    settle,
    start_payment,
)
from tests.support.files import VOICE_NOTE, make_media
from tests.support.roles import Person

CHECKS = """
    select conrelid::regclass::text as table_name, conname from pg_constraint
    where connamespace = 'app'::regnamespace and contype = 'c'
"""
ANY_DOCTOR = "(select min(id::text)::uuid from app.doctors)"
ANY_CONSULTATION = "(select min(id::text)::uuid from app.consultations)"
UNIQUE_INDEXES = (
    "appointments_lane_key",
    "appointments_doctor_key",
    "appointments_live_key",
    "payments_open_key",
    "media_video_key",
    "media_voice_note_key",
)


@contextmanager
def without_guards(database: Database) -> Iterator[Connection]:
    """Lend a connection on which no trigger, key, check or unique index objects."""
    with database.connect() as conn:
        conn.execute("set role none")
        for row in rows(conn, CHECKS):
            changed(
                conn,
                f"alter table {row['table_name']} drop constraint {row['conname']}",
            )
        for index in UNIQUE_INDEXES:
            changed(conn, f"drop index app.{index}")
        conn.execute("set session_replication_role = replica")
        yield conn
        conn.rollback()


def violations(conn: Connection) -> set[tuple[str, str]]:
    """Return what is violated, as (rule, entity)."""
    found = rows(conn, "select rule, entity from app.invariants()")
    return {(row["rule"], row["entity"]) for row in found}


def two_scheduled(conn: Connection) -> list[UUID]:
    """Make two doctors with a call each, at the same time."""
    make_doctor(conn)
    make_doctor(conn)
    return [make_scheduled(conn, make_user(conn)) for _ in range(2)]


@pytest.mark.parametrize(
    ("damage", "violated"),
    [
        (
            "update app.slots set capacity = 1",
            ("G1", "slot"),
        ),
        (
            f"update app.appointments set doctor_id = {ANY_DOCTOR}",
            ("G2", "doctor"),
        ),
        (
            f"""
            update app.payments
            set status = 'PENDING', consultation_id = {ANY_CONSULTATION}
            """,
            ("G3", "consultation"),
        ),
        (
            f"update app.appointments set consultation_id = {ANY_CONSULTATION}",
            ("G3", "consultation"),
        ),
        (
            "update app.appointments set status = 'CANCELED'",
            ("G4", "payment"),
        ),
        (
            """
            update app.consultations set status = 'CANCELED';
            delete from app.appointments
            """,
            ("G4", "payment"),
        ),
        (
            f"update app.payments set consultation_id = {ANY_CONSULTATION}",
            ("G4", "consultation"),
        ),
        (
            "update app.payments set status = 'FAILED'",
            ("G5", "consultation"),
        ),
        (
            "delete from app.payments",
            ("G5", "consultation"),
        ),
        *(
            (f"update app.consultations set status = '{state}'", ("G5", "consultation"))
            for state in (
                "DRAFT",
                "DETAILS_SUBMITTED",
                "SLOT_HELD",
                "PAYMENT_INITIATED",
                "PAID",
                "COMPLETED",
                "CANCELED",
                "EXPIRED",
            )
        ),
        (
            "update app.appointments set status = 'HELD'",
            ("G5", "consultation"),
        ),
        (
            "update app.appointments set status = 'COMPLETED'",
            ("G6", "appointment"),
        ),
        (
            "update app.consultations set status = 'COMPLETED'",
            ("G6", "consultation"),
        ),
        (
            "update app.payments set status = 'EXPIRED'",
            ("G6", "payment"),
        ),
        (
            "delete from app.audit_log",
            ("G6", "payment"),
        ),
    ],
)
def test_damage_is_noticed(
    fresh_db: Database, damage: str, violated: tuple[str, str]
) -> None:
    with without_guards(fresh_db) as conn:
        conn.execute("set session_replication_role = origin")
        two_scheduled(conn)
        assert violations(conn) == set()
        conn.execute("set session_replication_role = replica")
        changed(conn, damage)
        assert violated in violations(conn)


@pytest.mark.parametrize(
    ("damage", "entity"),
    [
        (
            """
            insert into app.object_deletions (object_key, reason)
            select object_key, 'SWEPT' from app.media
            """,
            "media",
        ),
        (
            "update app.media set object_key = (select object_key from app.uploads)",
            "media",
        ),
        (
            """
            update app.uploads
            set checked_until = now(), kept_key = (select object_key from app.media)
            """,
            "media",
        ),
        ("update app.uploads set checked_until = now(), kept_key = 'x'", "upload"),
        ("update app.consultations set status = 'EXPIRED'", "consultation"),
        ("update app.consultations set deleted_at = now()", "consultation"),
        ("update app.media set purpose = 'OTHER'", "consultation"),
        *(
            (
                f"""
                insert into app.media (consultation_id, owner_user_id, category,
                    purpose, object_key, mime_type, size_bytes, place)
                select consultation_id, owner_user_id, '{category}', '{purpose}',
                    'key ' || n, mime_type, size_bytes, n
                from app.media, generate_series(2, {count}) n
                """,
                "consultation",
            )
            for category, purpose, count in (
                ("IMAGE", "OTHER", 11),
                ("IMAGE", "MEDICAL_DOC", 7),
                ("VIDEO", "OTHER", 3),
                ("AUDIO", "VOICE_NOTE", 2),
            )
        ),
    ],
)
def test_damage_to_files_is_noticed(
    fresh_db: Database, damage: str, entity: str
) -> None:
    with without_guards(fresh_db) as conn:
        conn.execute("set session_replication_role = origin")
        owner = make_user(conn)
        consultation_id = make_consultation(conn, owner)
        voice_note = make_media(conn, owner, consultation_id, VOICE_NOTE)
        statement = "update app.consultations set voice_media_id = %(id)s"
        assert changed(conn, statement, id=voice_note) == 1
        assert violations(conn) == set()
        conn.execute("set session_replication_role = replica")
        assert changed(conn, damage)
        assert ("FILES", entity) in violations(conn)


Journey = Callable[[Connection, Person], UUID]


def paid(db: Connection, owner: Person) -> UUID:
    """The straight way."""
    return make_scheduled(db, owner)


def abandoned(db: Connection, owner: Person) -> UUID:
    """Held, and never heard of again."""
    consultation_id = make_consultation(db, owner)
    hold_slot(db, owner, consultation_id)
    lapse_hold(db, consultation_id)
    db.execute("select app.release_expired_holds()")
    return consultation_id


def declined_and_paid(db: Connection, owner: Person) -> UUID:
    """The card was declined once."""
    consultation_id = make_consultation(db, owner)
    hold_slot(db, owner, consultation_id)
    settle(db, start_payment(db, owner, consultation_id), "NOT_PAID")
    hold_slot(db, owner, consultation_id)
    settle(db, start_payment(db, owner, consultation_id))
    return consultation_id


def canceled_while_paying(db: Connection, owner: Person) -> UUID:
    """Canceled with the card in hand, and paid all the same."""
    consultation_id = make_consultation(db, owner)
    hold_slot(db, owner, consultation_id)
    payment_id = start_payment(db, owner, consultation_id)
    call(db, owner, "api.cancel_consultation", consultation_id=consultation_id)
    settle(db, payment_id)
    return consultation_id


def lost_and_chosen_anew(db: Connection, owner: Person) -> UUID:
    """Paid too late, and another slot chosen on the same money."""
    consultation_id = make_consultation(db, owner)
    seat = hold_slot(db, owner, consultation_id)
    payment_id = start_payment(db, owner, consultation_id)
    lapse_hold(db, consultation_id)
    winner = make_user(db)
    hold_slot(db, winner, make_consultation(db, winner), seat["start_at"])
    settle(db, payment_id)
    hold_slot(db, owner, consultation_id)
    return consultation_id


def completed(db: Connection, owner: Person) -> UUID:
    """The call took place."""
    consultation_id = make_scheduled(db, owner)
    parameters: dict[str, Any] = {"id": consultation_id}
    statement = "update app.{} set status = 'COMPLETED' where {} = %(id)s"
    changed(db, statement.format("appointments", "consultation_id"), **parameters)
    changed(db, statement.format("consultations", "id"), **parameters)
    return consultation_id


@pytest.mark.parametrize(
    ("journey", "ends_as"),
    [
        (paid, "SCHEDULED"),
        (abandoned, "DETAILS_SUBMITTED"),
        (declined_and_paid, "SCHEDULED"),
        (canceled_while_paying, "CANCELED"),
        (lost_and_chosen_anew, "SCHEDULED"),
        (completed, "COMPLETED"),
    ],
)
@pytest.mark.usefixtures("doctor")
def test_a_journey_leaves_no_violation(
    db: Connection, owner: Person, journey: Journey, ends_as: str
) -> None:
    consultation_id = journey(db, owner)
    assert status(db, "consultations", consultation_id) == ends_as
    assert_healthy(db)


def test_a_violation_says_what_and_where(fresh_db: Database) -> None:
    with without_guards(fresh_db) as conn:
        conn.execute("set session_replication_role = origin")
        two_scheduled(conn)
        conn.execute("set session_replication_role = replica")
        slot = one(conn, "update app.slots set capacity = 1 returning id")
        assert one(conn, "select * from app.invariants()") == {
            "rule": "G1",
            "entity": "slot",
            "id": slot["id"],
            "explanation": "2 occupying appointments, capacity 1",
        }
