"""Jobs beside themselves and beside the flows, on connections of their own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.db.helpers import (
    assert_healthy,
    call,
    configure,
    lapse_hold,
    live_seat,
    settle_as,
    status,
)
from tests.support.database import Connection, Database, changed, value
from tests.support.factories import (
    free_slots,
    hold_slot,
    make_consultation,
    make_doctor,
    make_user,
    start_payment,
)
from tests.support.roles import Person, as_role

ROUNDS = 8
# 2,500 holds of one person, in slots of years to come.
THOUSANDS = """
    with pet as (
        insert into app.pets (user_id, type, name) values (%(user_id)s, 'CAT', 'پشمک')
        returning id, user_id
    ), numbered as (
        select timestamptz '2100-01-01' + n * interval '1 hour' as start_at,
               app.new_id() as id
        from generate_series(1, 2500) n
    ), slot as (
        insert into app.slots (start_at, end_at, capacity)
        select start_at, start_at + interval '30 minutes', 1 from numbered
        returning *
    ), consultation as (
        insert into app.consultations (id, user_id, pet_id, base_price_toman)
        select n.id, p.user_id, p.id, 280000 from pet p, numbered n
        returning id, user_id
    )
    insert into app.appointments (
        consultation_id, user_id, slot_id, slot_capacity, lane, start_at, end_at,
        status, hold_expires_at)
    select c.id, c.user_id, s.id, s.capacity, 1, s.start_at, s.end_at,
           'HELD', clock_timestamp()
    from consultation c
    join numbered n using (id)
    join slot s using (start_at);
"""
TO_HELD = """
    update app.consultations set status = 'DETAILS_SUBMITTED';
    update app.consultations set status = 'SLOT_HELD';
"""


@pytest.fixture
def conn(fresh_db: Database) -> Any:
    """A connection that commits, in a clinic with one doctor."""
    with fresh_db.connect(autocommit=True) as connection:
        configure(connection, cooldown_after_expired_holds=100)
        make_doctor(connection)
        yield connection


def sweep(conn: Connection, job: str) -> int:
    """Run a job's batches until there is nothing left; return the number of rows."""
    total = 0
    while True:
        with as_role(conn, "job_runner"):
            batch: int = value(conn, "select app.run_job(%(job)s)", job=job)
        total += batch
        if not batch:
            return total


def together(database: Database, *tasks: Callable[[Connection], Any]) -> list[Any]:
    """Begin the tasks at the same moment; return what each gave."""
    ready = threading.Barrier(len(tasks))

    def begin(task: Callable[[Connection], Any]) -> Any:
        with database.connect(autocommit=True) as conn:
            ready.wait(20)
            return task(conn)

    with ThreadPoolExecutor(len(tasks)) as pool:
        return [future.result(60) for future in [pool.submit(begin, t) for t in tasks]]


def lapsed_hold(conn: Connection) -> UUID:
    """Make a consultation whose hold of the first free slot has run out."""
    owner = make_user(conn)
    consultation_id = make_consultation(conn, owner)
    hold_slot(conn, owner, consultation_id)
    lapse_hold(conn, consultation_id)
    return consultation_id


def try_to_hold(
    owner: Person, consultation_id: UUID, start_at: datetime, refusal: str
) -> Callable[[Connection], bool]:
    """Make a task that holds a slot; it gives False when refused for this reason."""

    def hold(conn: Connection) -> bool:
        try:
            hold_slot(conn, owner, consultation_id, start_at)
        except psycopg.ProgrammingError as error:
            if f'"code": "{refusal}"' not in str(error):
                raise
            return False
        return True

    return hold


def test_two_sweepers_share_the_work_and_nothing_is_done_twice(
    fresh_db: Database, conn: Connection
) -> None:
    owner = make_user(conn)
    first, *others = free_slots(conn, owner)
    for start_at in [first, *others[:40]]:
        person = make_user(conn)
        hold_slot(conn, person, make_consultation(conn, person), start_at)
    changed(conn, "update app.appointments set hold_expires_at = clock_timestamp()")
    small = "create or replace function app.small_batch() returns bigint language sql"
    conn.execute(f"{small} as 'select app.release_expired_holds(3)'".encode())
    conn.execute("update app.jobs set function_name = 'app.small_batch'")
    # One may find the other's rows locked and stop before everything is done.
    done = together(fresh_db, *[lambda c: sweep(c, "holds:release-expired")] * 2)
    assert sum(done) + sweep(conn, "holds:release-expired") == 41
    logged = "select count(*) from app.audit_log where action = 'HOLD_RELEASED'"
    released = "select count(*) from app.appointments where status = 'CANCELED'"
    assert value(conn, released) == 41
    assert value(conn, logged) == 41
    assert_healthy(conn)


def test_a_seat_goes_to_the_next_while_the_sweeper_takes_it_back(
    fresh_db: Database, conn: Connection
) -> None:
    start_at = free_slots(conn, make_user(conn))[0]
    for _ in range(ROUNDS):
        lapsed = lapsed_hold(conn)
        seat = live_seat(conn, lapsed)["id"]
        rival = make_user(conn)
        wanted = make_consultation(conn, rival)

        # Full, when it is being taken back at that very moment: nobody waits for that.
        take = try_to_hold(rival, wanted, start_at, refusal="SLOT_FULL")
        together(fresh_db, take, lambda c: sweep(c, "holds:release-expired"))
        assert status(conn, "appointments", seat) == "CANCELED"
        take(conn)
        assert status(conn, "consultations", lapsed) == "DETAILS_SUBMITTED"
        assert live_seat(conn, wanted)["start_at"] == start_at
        call(conn, rival, "api.release_hold", consultation_id=wanted)
        assert_healthy(conn)


def test_a_payment_is_settled_while_its_seat_is_swept(
    fresh_db: Database, conn: Connection
) -> None:
    for _ in range(ROUNDS):
        owner = make_user(conn)
        consultation_id = make_consultation(conn, owner)
        hold_slot(conn, owner, consultation_id)
        payment_id = start_payment(conn, owner, consultation_id)
        lapse_hold(conn, consultation_id)

        def pay(conn: Connection, payment_id: UUID = payment_id) -> str:
            return settle_as(conn, payment_id, "PAID", is_genuine=True)

        paid, _ = together(fresh_db, pay, lambda c: sweep(c, "holds:release-expired"))
        assert paid == "VERIFIED"
        assert status(conn, "consultations", consultation_id) == "SCHEDULED"
        assert live_seat(conn, consultation_id)["status"] == "CONFIRMED"
        assert_healthy(conn)


def test_what_is_taken_up_again_does_not_expire(
    fresh_db: Database, conn: Connection
) -> None:
    for _ in range(ROUNDS):
        owner = make_user(conn)
        consultation_id = make_consultation(conn, owner)
        start_at = free_slots(conn, owner)[0]
        conn.execute(
            "update app.consultations set expires_at = clock_timestamp() "
            "where expires_at is not null"
        )

        take = try_to_hold(owner, consultation_id, start_at, refusal="NOT_FOUND")
        held, _ = together(fresh_db, take, lambda c: sweep(c, "consultations:expire"))
        wanted = "SLOT_HELD" if held else "EXPIRED"
        assert status(conn, "consultations", consultation_id) == wanted
        assert_healthy(conn)


def test_thousands_of_expired_holds_are_released(
    fresh_db: Database, conn: Connection
) -> None:
    """More than one batch, on tables whose statistics know nothing of them."""
    conn.execute(THOUSANDS.encode(), {"user_id": make_user(conn).user_id})
    conn.execute(TO_HELD.encode())
    with fresh_db.connect("job_runner", autocommit=True) as runner:
        runner.execute("call app.run_scheduled_job('holds:release-expired')")
    assert value(conn, "select rows from app.job_runs") == 2500
    left = "select count(*) from app.consultations where status = 'SLOT_HELD'"
    assert value(conn, left) == 0
    assert_healthy(conn)
