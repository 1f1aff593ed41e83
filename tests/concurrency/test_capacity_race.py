"""Doctors who leave while calls are being confirmed: one of both sides notices."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any
from uuid import UUID

import pytest

from tests.concurrency.conftest import DOCTORS, Arena, Contestant
from tests.concurrency.race import follow, race
from tests.db.helpers import assert_healthy, call, configure
from tests.support.database import Connection, Database, changed, rows, value
from tests.support.factories import (
    hold_slot,
    make_admin,
    make_doctor,
    settle,
    start_payment,
)

_PATIENCE = 60  # seconds
_ACTIVE = "update app.doctors set is_active = %(is_active)s where user_id = %(id)s"
CAUSES = {
    "deactivated": "update app.doctors set is_active = false",
    "account closed": "update app.users set is_active = false where role = 'DOCTOR'",
    "absent": """
        insert into app.doctor_absences (doctor_id, start_at, end_at)
        select id, now(), now() + interval '1 year' from app.doctors
    """,
    "closed": """
        insert into app.closures (start_at, end_at, reason)
        values (now(), now() + interval '1 year', 'تعطیل')
    """,
}


def pending_payments(arena: Arena) -> dict[UUID, Contestant]:
    """Fill the first slot with owners who are at the bank; return their payments."""
    with arena.database.connect() as conn:
        return {_pending(conn, arena, one): one for one in arena.crowd[:DOCTORS]}


def _pending(conn: Connection, arena: Arena, contestant: Contestant) -> UUID:
    person, consultation_id = contestant.person, contestant.consultation_id
    hold_slot(conn, person, consultation_id, arena.slots[0])
    return start_payment(conn, person, consultation_id)


def noticed(database: Database) -> set[str]:
    """Return the calls that admins were told of, either way, by consultation."""
    query = """
        select n.payload ->> 'consultation_id' as id from app.notifications n
        where n.type = 'DOCTOR_UNASSIGNED'
        union
        select a ->> 'consultation_id' from app.notifications n,
            jsonb_array_elements(n.payload -> 'appointments') as a
        where n.type = 'OVER_CAPACITY'
    """
    with database.connect() as conn:
        return {row["id"] for row in rows(conn, query)}


@pytest.mark.parametrize("policy", ["ROUND_ROBIN", "MANUAL"])
@pytest.mark.parametrize("cause", CAUSES)
def test_who_leaves_during_a_confirmation_waits_for_it_and_reports_it(
    arena: Arena, cause: str, policy: str
) -> None:
    payments = pending_payments(arena)
    with arena.database.connect(autocommit=True) as conn:
        configure(conn, doctor_assignment=policy)
    with ThreadPoolExecutor(1) as pool:
        with arena.database.connect() as conn, conn.transaction():
            for payment_id in payments:
                assert settle(conn, payment_id) == "VERIFIED"
            leaving = follow(arena.database, pool, lambda c: changed(c, CAUSES[cause]))
            assert not leaving.future.done()
        assert leaving.result().code == "OK"
    assert len(noticed(arena.database)) == DOCTORS


@pytest.mark.parametrize("cause", CAUSES)
def test_whoever_comes_first_no_call_is_overlooked_and_nobody_deadlocks(
    arena: Arena, cause: str
) -> None:
    payments = pending_payments(arena)
    steps = [lambda c, one=one: settle(c, one) for one in payments]
    outcomes = race(arena.database, [*steps, lambda c: changed(c, CAUSES[cause])])
    assert [outcome.code for outcome in outcomes] == ["OK"] * (DOCTORS + 1)
    assert len(noticed(arena.database)) == DOCTORS
    with arena.database.connect() as conn:
        query = "select count(*) from app.appointments where status = 'CONFIRMED'"
        assert value(conn, query) == DOCTORS
        assert_healthy(conn)


def test_a_doctor_whose_account_and_number_change_waits_for_calls_that_are_given(
    fresh_db: Database,
) -> None:
    """Who gives a call has the doctors and then tells the person: so does this."""
    with fresh_db.connect() as conn:
        admin, doctor = make_admin(conn), make_doctor(conn)

    def close(conn: Connection) -> Any:
        values = {"user_id": doctor.user_id, "mobile": "09129999999"}
        return call(conn, admin, "api.update_user", **values, is_active=False)

    with ThreadPoolExecutor(1) as pool:
        with fresh_db.connect() as conn, conn.transaction():
            rows(conn, "select app.lock_doctors()")
            closing = follow(fresh_db, pool, close)
            assert not closing.future.done()
            tell = "select app.notify_user(%(id)s, 'APPOINTMENT_CONFIRMED', '{}')"
            rows(conn, tell, id=doctor.user_id)
        assert closing.result().code == "OK"


def test_who_comes_back_meanwhile_puts_nobody_into_a_circle(
    fresh_db: Database,
) -> None:
    """Some lock the doctors twice, as a move does, and see another one each time."""
    lock = "select app.lock_doctors()"
    with fresh_db.connect() as conn:
        back, _ = make_doctor(conn), make_doctor(conn)
        changed(conn, _ACTIVE, is_active=False, id=back.user_id)
    seen_without, seen_again = Event(), Event()

    def move(conn: Connection) -> None:
        with conn.transaction():
            rows(conn, lock)
            seen_without.set()
            assert seen_again.wait(_PATIENCE)
            rows(conn, lock)

    with ThreadPoolExecutor(2) as pool:
        with fresh_db.connect() as conn, conn.transaction():
            changed(conn, _ACTIVE, is_active=True, id=back.user_id)
            moving = follow(fresh_db, pool, move)
            assert not moving.future.done()
        assert seen_without.wait(_PATIENCE)
        other = follow(fresh_db, pool, lambda conn: rows(conn, lock))
        assert not other.future.done()
        seen_again.set()
        assert {moving.result().code, other.result().code} == {"OK"}


def test_without_the_lock_a_call_is_overlooked(arena: Arena) -> None:
    payments = pending_payments(arena)
    with arena.database.connect() as conn:
        conn.execute("""
            create or replace function app.lock_doctors() returns void
            language sql set search_path = '' as ''
        """)
    with ThreadPoolExecutor(1) as pool:
        with arena.database.connect() as conn, conn.transaction():
            for payment_id in payments:
                settle(conn, payment_id)
            leaving = follow(
                arena.database, pool, lambda c: changed(c, CAUSES["absent"])
            )
            assert leaving.future.done()
        leaving.result()
    assert noticed(arena.database) == set()
