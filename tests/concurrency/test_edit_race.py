"""Admins who edit at once, and who meet owners and settlements."""

from typing import Any
from uuid import UUID

import pytest

from tests.concurrency.conftest import DOCTORS, Arena
from tests.concurrency.race import Step, race
from tests.concurrency.test_settlement_race import settling, take_to_the_bank
from tests.db.helpers import assert_healthy, call, live_seat, status
from tests.support.database import Connection, changed, value
from tests.support.factories import hold_slot, make_admin, settle
from tests.support.roles import Person


@pytest.fixture
def admin(arena: Arena) -> Person:
    """An admin of the arena's clinic."""
    with arena.database.connect() as conn:
        return make_admin(conn)


def schedule(arena: Arena, index: int, slot: int) -> UUID:
    """Let a contestant pay for a seat, and return the consultation."""
    with arena.database.connect() as conn:
        assert settle(conn, take_to_the_bank(conn, arena, index, slot)) == "VERIFIED"
    return arena.crowd[index].consultation_id


def editing(admin: Person, consultation_id: UUID, **changes: Any) -> Step:
    """Return the step that edits a consultation."""

    def edit(conn: Connection) -> Any:
        return call(
            conn,
            admin,
            "api.edit_consultation",
            consultation_id=consultation_id,
            **changes,
        )

    return edit


def fill(arena: Arena, slot: int, seats: int) -> None:
    """Let others hold so many seats of a slot."""
    with arena.database.connect() as conn:
        for one in arena.crowd[20 : 20 + seats]:
            hold_slot(conn, one.person, one.consultation_id, arena.slots[slot])


def test_two_moves_want_the_last_seat(arena: Arena, admin: Person) -> None:
    first, second = schedule(arena, 0, 0), schedule(arena, 1, 1)
    fill(arena, 2, DOCTORS - 1)
    target = arena.slots[2]
    steps = [editing(admin, c, start_at=target) for c in (first, second)]
    assert sorted(o.code for o in race(arena.database, steps)) == ["OK", "SLOT_FULL"]
    with arena.database.connect() as conn:
        starts = {live_seat(conn, c)["start_at"] for c in (first, second)}
        assert target in starts
        assert starts & {arena.slots[0], arena.slots[1]}
        assert_healthy(conn)


def test_without_the_constraint_and_the_lock_both_would_have_it(
    arena: Arena, admin: Person
) -> None:
    """The race above is real: with its guards off, the slot is overbooked."""
    first, second = schedule(arena, 0, 0), schedule(arena, 1, 1)
    fill(arena, 2, DOCTORS - 1)
    with arena.database.connect() as conn:
        conn.execute("drop index app.appointments_lane_key")
        source = value(conn, "select pg_get_functiondef('app.find_slot'::regproc)")
        conn.execute(source.replace("for no key update", "").encode())
    target = arena.slots[2]
    steps = [editing(admin, c, start_at=target) for c in (first, second)]
    assert [o.code for o in race(arena.database, steps)] == ["OK", "OK"]
    with arena.database.connect() as conn:
        assert value(conn, "select count(*) from app.invariants() where rule = 'G1'")


def test_a_swap_never_deadlocks(arena: Arena, admin: Person) -> None:
    """Each slot has seats left: both get where they want."""
    first, second = schedule(arena, 0, 0), schedule(arena, 1, 1)
    steps = [
        editing(admin, first, start_at=arena.slots[1]),
        editing(admin, second, start_at=arena.slots[0]),
    ]
    assert [o.code for o in race(arena.database, steps)] == ["OK", "OK"]
    with arena.database.connect() as conn:
        assert live_seat(conn, first)["start_at"] == arena.slots[1]
        assert live_seat(conn, second)["start_at"] == arena.slots[0]
        assert_healthy(conn)


def test_a_crowd_of_swaps_ends(arena: Arena, admin: Person) -> None:
    scheduled = [schedule(arena, index, index % 4) for index in range(8)]
    steps = [
        editing(admin, c, start_at=arena.slots[(index + 1 + index % 3) % 4])
        for index, c in enumerate(scheduled)
    ]
    codes = {o.code for o in race(arena.database, steps)}
    assert codes <= {"OK", "SLOT_FULL"}
    assert "OK" in codes
    with arena.database.connect() as conn:
        assert_healthy(conn)


def test_of_two_edits_of_one_version_one_is_stale(arena: Arena, admin: Person) -> None:
    consultation_id = schedule(arena, 0, 0)
    query = "select version from api.admin_consultations where id = %(id)s"
    with arena.database.connect() as conn:
        seen = value(conn, query, id=consultation_id)
    steps = [
        editing(admin, consultation_id, start_at=arena.slots[n], version=seen)
        for n in (1, 2)
    ]
    codes = sorted(o.code for o in race(arena.database, steps))
    assert codes == ["OK", "PRECONDITION_FAILED"]


def test_one_doctor_is_given_to_two_at_once(arena: Arena, admin: Person) -> None:
    scheduled = [schedule(arena, index, 0) for index in range(2)]
    with arena.database.connect() as conn:
        busy = {live_seat(conn, c)["doctor_id"] for c in scheduled}
        free = value(
            conn,
            "select id from app.doctors where id <> all (%(busy)s)",
            busy=list(busy),
        )
    steps = [editing(admin, c, doctor_id=free) for c in scheduled]
    assert sorted(o.code for o in race(arena.database, steps)) == ["CONFLICT", "OK"]
    with arena.database.connect() as conn:
        assert_healthy(conn)


def test_canceling_meets_a_settlement(arena: Arena, admin: Person) -> None:
    """Whichever is first: it ends canceled, and the money goes back."""
    with arena.database.connect() as conn:
        payment_id = take_to_the_bank(conn, arena, 0)
    consultation_id = arena.crowd[0].consultation_id
    canceled, settled = race(
        arena.database,
        [editing(admin, consultation_id, status="CANCELED"), settling(payment_id)],
    )
    assert (canceled.code, settled.answer) == ("OK", "VERIFIED")
    with arena.database.connect() as conn:
        assert status(conn, "consultations", consultation_id) == "CANCELED"
        assert value(conn, "select count(*) from app.refunds") == 1
        assert_healthy(conn)


def test_a_move_meets_the_owners_cancellation(arena: Arena, admin: Person) -> None:
    one = arena.crowd[0]
    with arena.database.connect() as conn:
        hold_slot(conn, one.person, one.consultation_id, arena.slots[0])

    def cancel(conn: Connection) -> Any:
        return call(
            conn,
            one.person,
            "api.cancel_consultation",
            consultation_id=one.consultation_id,
        )

    move = editing(admin, one.consultation_id, start_at=arena.slots[1])
    moved, canceled = race(arena.database, [move, cancel])
    assert canceled.code == "OK"
    assert moved.code in ("OK", "INVALID_STATE")
    with arena.database.connect() as conn:
        assert status(conn, "consultations", one.consultation_id) == "CANCELED"
        assert changed(conn, "update app.slots set capacity = capacity") >= 1
        assert_healthy(conn)
