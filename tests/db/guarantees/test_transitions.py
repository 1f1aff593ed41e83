"""G5: no status changes but as app.transitions() allows, whoever tries."""

from uuid import UUID

import pytest

from tests.db.helpers import assert_healthy, call, status
from tests.support.database import Connection, Database, changed, one, rows
from tests.support.factories import (
    hold_slot,
    make_consultation,
    make_doctor,
    make_pet,
    make_user,
    settle,
    start_payment,
)
from tests.support.roles import Person, refused

# What the specification says, written out a second time on purpose.
ALLOWED = {
    "consultations": {
        (None, "DRAFT"),
        ("DRAFT", "DETAILS_SUBMITTED"),
        ("DRAFT", "CANCELED"),
        ("DRAFT", "EXPIRED"),
        ("DETAILS_SUBMITTED", "SLOT_HELD"),
        ("DETAILS_SUBMITTED", "PAID"),
        ("DETAILS_SUBMITTED", "CANCELED"),
        ("DETAILS_SUBMITTED", "EXPIRED"),
        ("SLOT_HELD", "DETAILS_SUBMITTED"),
        ("SLOT_HELD", "PAYMENT_INITIATED"),
        ("SLOT_HELD", "PAID"),
        ("SLOT_HELD", "CANCELED"),
        ("PAYMENT_INITIATED", "DETAILS_SUBMITTED"),
        ("PAYMENT_INITIATED", "PAID"),
        ("PAYMENT_INITIATED", "CANCELED"),
        ("PAID", "SCHEDULED"),
        ("PAID", "CANCELED"),
        ("SCHEDULED", "COMPLETED"),
        ("SCHEDULED", "CANCELED"),
    },
    "appointments": {
        (None, "HELD"),
        ("HELD", "CONFIRMED"),
        ("HELD", "CANCELED"),
        ("CONFIRMED", "COMPLETED"),
        ("CONFIRMED", "CANCELED"),
    },
    "payments": {
        (None, "INITIATED"),
        ("INITIATED", "PENDING"),
        ("INITIATED", "FAILED"),
        ("INITIATED", "EXPIRED"),
        ("INITIATED", "CANCELED"),
        ("PENDING", "VERIFIED"),
        ("PENDING", "FAILED"),
        ("PENDING", "EXPIRED"),
        ("PENDING", "CANCELED"),
        ("FAILED", "VERIFIED"),
        ("EXPIRED", "VERIFIED"),
        ("CANCELED", "VERIFIED"),
    },
    "refunds": {
        (None, "DUE"),
        ("DUE", "REVERSED"),
        ("DUE", "TRANSFERRED"),
    },
}
ENUMS = {
    "consultations": "consultation_status",
    "appointments": "appointment_status",
    "payments": "payment_status",
    "refunds": "refund_status",
}


def test_the_machines_are_what_the_specification_says(db: Connection) -> None:
    machines = one(db, "select app.transitions()")["transitions"]
    assert {
        machine: {
            (None if before == "NEW" else before, after)
            for before, actions in states.items()
            for after in actions
        }
        for machine, states in machines.items()
    } == ALLOWED


@pytest.mark.parametrize("machine", ALLOWED)
def test_every_change_that_is_not_listed_is_refused(
    fresh_db: Database, machine: str
) -> None:
    """Each pair of states is tried on a real row, put there with triggers off."""
    with fresh_db.connect() as conn:
        make_doctor(conn)
        consultation_id = make_consultation(conn, owner := make_user(conn))
        hold_slot(conn, owner, consultation_id)
        payment_id = start_payment(conn, owner, consultation_id)
        call(conn, owner, "api.cancel_consultation", consultation_id=consultation_id)
        settle(conn, payment_id)  # so that there is a refund, too
        query = f"select unnest(enum_range(null::app.{ENUMS[machine]}))::text as label"
        states = [row["label"] for row in rows(conn, query)]
        pairs = [(a, b) for a in states for b in states if a != b]
        for before, after in pairs:
            if (before, after) in ALLOWED[machine]:
                continue
            force(conn, machine, before)
            with refused("INVALID_STATE") as refusal, conn.transaction():
                changed(conn, f"update app.{machine} set status = %(to)s", to=after)
            assert (refusal.details["from"], refusal.details["to"]) == (before, after)
        conn.rollback()


def force(conn: Connection, machine: str, state: str) -> None:
    """Put the row in a state without asking anybody, constraints aside."""
    conn.execute("set local role none")
    checks = """
        select conname from pg_constraint
        where conrelid = %(table)s::regclass and contype = 'c'
    """
    for row in rows(conn, checks, table=f"app.{machine}"):
        changed(conn, f"alter table app.{machine} drop constraint {row['conname']}")
    conn.execute("set local session_replication_role = replica")
    changed(conn, f"update app.{machine} set status = %(to)s", to=state)
    conn.execute("set local session_replication_role = origin")
    conn.execute("set local role app_owner")


@pytest.mark.parametrize("state", ["DETAILS_SUBMITTED", "PAID", "SCHEDULED"])
def test_a_consultation_that_begins_in_the_middle(
    db: Connection, owner: Person, state: str
) -> None:
    pet_id = make_pet(db, owner)
    statement = """
        insert into app.consultations (user_id, pet_id, base_price_toman, status)
        values (%(user)s, %(pet)s, 1000, %(state)s)
    """
    with refused("INVALID_STATE"), db.transaction():
        changed(db, statement, user=owner.user_id, pet=pet_id, state=state)


def test_a_payment_that_begins_verified(db: Connection, payment: UUID) -> None:
    settle(db, payment, "NOT_PAID")
    statement = """
        insert into app.payments (consultation_id, appointment_id, user_id, provider,
            amount_toman, expires_at, status, authority, ref_id, paid_at)
        select consultation_id, appointment_id, user_id, provider, amount_toman, now(),
            'VERIFIED', 'forged', '1', now()
        from app.payments
    """
    with refused("INVALID_STATE"), db.transaction():
        changed(db, statement)


def test_a_refusal_names_the_machine_and_both_states(
    db: Connection, owner: Person
) -> None:
    consultation_id = make_consultation(db, owner)
    with refused("INVALID_STATE") as refusal, db.transaction():
        changed(db, "update app.consultations set status = 'COMPLETED'")
    assert refusal.status == 409
    assert refusal.details == {
        "entity": "consultation",
        "from": "DETAILS_SUBMITTED",
        "to": "COMPLETED",
    }
    assert status(db, "consultations", consultation_id) == "DETAILS_SUBMITTED"


def test_one_forbidden_change_among_many_rows(db: Connection, owner: Person) -> None:
    first, second = (make_consultation(db, owner) for _ in range(2))
    changed(
        db,
        "update app.consultations set status = 'CANCELED' where id = %(id)s",
        id=second,
    )
    with refused("INVALID_STATE") as refusal, db.transaction():
        changed(db, "update app.consultations set status = 'EXPIRED'")
    assert refusal.details["from"] == "CANCELED"
    assert status(db, "consultations", first) == "DETAILS_SUBMITTED"


@pytest.mark.parametrize(
    "statement",
    [
        """merge into app.consultations c using app.pets p on p.id = c.pet_id
           when matched then update set status = 'SCHEDULED'""",
        """merge into app.consultations c using app.pets p on false
           when not matched then insert (user_id, pet_id, base_price_toman, status)
           values (p.user_id, p.id, 1, 'PAID')""",
        """insert into app.consultations (id, user_id, pet_id, base_price_toman, status)
           select id, user_id, pet_id, 1, 'DRAFT' from app.consultations
           on conflict (id) do update set status = 'EXPIRED', deleted_at = now(),
               id = app.new_id()""",
        """with done as (update app.consultations set status = 'COMPLETED' returning id)
           select count(*) from done""",
        """with first as (
               update app.consultations set status = 'CANCELED'
               where id = (select min(id::text)::uuid from app.consultations)
               returning id)
           update app.consultations set status = 'COMPLETED'
           where id not in (select id from first)""",
        """with first as (
               update app.consultations set status = 'COMPLETED'
               where id = (select min(id::text)::uuid from app.consultations)
               returning id)
           update app.consultations set status = 'CANCELED'
           where id not in (select id from first)""",
    ],
    ids=["merge", "merge insert", "upsert", "cte", "after a cte", "in a cte"],
)
def test_no_other_statement_goes_round_it(
    db: Connection, owner: Person, statement: str
) -> None:
    make_consultation(db, owner)
    make_consultation(db, owner, with_details=False)
    with refused("INVALID_STATE"), db.transaction():
        db.execute(statement.encode())


def test_a_new_id_does_not_hide_a_change(db: Connection, owner: Person) -> None:
    make_consultation(db, owner)
    with refused("INVALID_STATE"), db.transaction():
        changed(db, "update app.consultations set id = app.new_id(), status = 'DRAFT'")


@pytest.mark.parametrize("state", ["PAYMENT_INITIATED", "DETAILS_SUBMITTED"])
def test_paid_without_a_verified_payment(
    db: Connection, held: UUID, payment: UUID, state: str
) -> None:
    if state == "DETAILS_SUBMITTED":
        settle(db, payment, "NOT_PAID")
    assert status(db, "consultations", held) == state
    with refused("INVALID_STATE"), db.transaction():
        changed(db, "update app.consultations set status = 'PAID'")


def test_scheduled_without_a_verified_payment(fresh_db: Database) -> None:
    """Even a consultation that was forced to PAID does not come further."""
    with fresh_db.connect() as conn:
        make_doctor(conn)
        owner = make_user(conn)
        hold_slot(conn, owner, make_consultation(conn, owner))
        force(conn, "consultations", "PAID")
        with refused("INVALID_STATE"), conn.transaction():
            changed(conn, "update app.consultations set status = 'SCHEDULED'")
        conn.rollback()


def test_a_verified_payment_that_is_taken_back(
    db: Connection, held: UUID, payment: UUID
) -> None:
    settle(db, payment)
    for state in ("FAILED", "CANCELED", "PENDING"):
        with refused("INVALID_STATE"), db.transaction():
            changed(db, "update app.payments set status = %(to)s", to=state)
    assert status(db, "consultations", held) == "SCHEDULED"
    assert_healthy(db)
