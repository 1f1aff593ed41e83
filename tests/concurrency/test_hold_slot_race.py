"""G1 under real concurrency, and the proof that the guards are what decides."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from tests.concurrency.conftest import CROWD, DOCTORS, Arena, Contestant
from tests.concurrency.race import follow, race
from tests.db.helpers import assert_healthy, call, lapse_hold, live_seat
from tests.support.database import Connection, Database, changed, rows, value
from tests.support.factories import hold_slot, make_consultation, make_doctor, make_user

WITHOUT_GUARDS = """
    drop index app.appointments_lane_key;
    alter table app.appointments drop constraint appointments_lane_check;
    create or replace function app.find_slot(start_at timestamptz, end_at timestamptz)
    returns app.slots language sql set search_path = '' as $$
        select s.* from app.slots s
        where s.start_at = find_slot.start_at and s.end_at = find_slot.end_at
          and s.capacity > 0
    $$;
"""


def holding(
    contestant: Contestant, start_at: datetime
) -> Callable[[Connection], object]:
    """Return the step that holds this slot for the contestant."""

    def hold(conn: Connection) -> object:
        return hold_slot(conn, contestant.person, contestant.consultation_id, start_at)

    return hold


def everybody_at_one_slot(arena: Arena) -> Counter[str]:
    """Let the whole crowd hold one slot at once; return how often each answer came."""
    start_at = arena.slots[0]
    with arena.database.connect() as conn:
        # The slot's row is there before the race, with and without guards.
        first = arena.crowd[0]
        hold_slot(conn, first.person, first.consultation_id, start_at)
        call(
            conn,
            first.person,
            "api.release_hold",
            consultation_id=first.consultation_id,
        )
    outcomes = race(arena.database, [holding(one, start_at) for one in arena.crowd])
    return Counter(outcome.code for outcome in outcomes)


def sweep(conn: Connection) -> object:
    """Release what has expired, as the job does."""
    return value(conn, "select app.release_expired_holds()")


def seats_taken(database: Database) -> int:
    """Return how many appointments occupy a seat."""
    with database.connect() as conn:
        query = "select count(*) from app.appointments where status <> 'CANCELED'"
        taken: int = value(conn, query)
        return taken


def test_of_sixty_four_at_one_slot_exactly_three_win(arena: Arena) -> None:
    answers = everybody_at_one_slot(arena)
    assert answers == {"OK": DOCTORS, "SLOT_FULL": CROWD - DOCTORS}
    assert seats_taken(arena.database) == DOCTORS
    with arena.database.connect() as conn:
        lanes = rows(
            conn, "select lane from app.appointments where status = 'HELD' order by 1"
        )
        assert [row["lane"] for row in lanes] == [1, 2, 3]
        assert_healthy(conn)


def test_without_the_guards_the_same_race_overbooks(arena: Arena) -> None:
    """The negative control: if this fails, the test above proves nothing."""
    with arena.database.connect() as conn:
        conn.execute(WITHOUT_GUARDS)
    answers = everybody_at_one_slot(arena)
    assert answers["OK"] > DOCTORS
    assert seats_taken(arena.database) == answers["OK"]
    with arena.database.connect() as conn:
        found = {row["rule"] for row in rows(conn, "select * from app.invariants()")}
        assert "G1" in found


def test_without_the_lock_the_unique_lane_still_forbids_it(arena: Arena) -> None:
    """Defence in depth: the declarative guard alone is enough."""
    _, _, find_slot = WITHOUT_GUARDS.partition("lane_check;")
    with arena.database.connect() as conn:
        conn.execute(find_slot)
    answers = everybody_at_one_slot(arena)
    assert answers["OK"] <= DOCTORS
    assert set(answers) <= {"OK", "SLOT_FULL", "23505"}
    with arena.database.connect() as conn:
        assert_healthy(conn)


def test_the_first_ever_hold_of_a_slot_is_a_race_as_well(arena: Arena) -> None:
    """Nobody has made the slot's row yet: one of them does, and one row it is."""
    steps = [holding(one, arena.slots[1]) for one in arena.crowd[:16]]
    answers = Counter(outcome.code for outcome in race(arena.database, steps))
    assert answers == {"OK": DOCTORS, "SLOT_FULL": 16 - DOCTORS}
    with arena.database.connect() as conn:
        assert value(conn, "select count(*) from app.slots") == 1
        assert_healthy(conn)


def test_different_slots_do_not_wait_for_each_other(arena: Arena) -> None:
    steps = [
        holding(one, start_at)
        for one, start_at in zip(arena.crowd[:16], arena.slots, strict=False)
    ]
    assert {outcome.code for outcome in race(arena.database, steps)} == {"OK"}


@pytest.mark.parametrize("goes_first", [0, 1])
def test_two_people_who_swap_their_slots_never_deadlock(
    arena: Arena, goes_first: int
) -> None:
    """The earlier slot is locked until both wait: each has what it locked before it."""
    here, there = arena.slots[0], arena.slots[5]
    one, other = arena.crowd[:2]
    with arena.database.connect() as conn:
        for contestant, start_at in ((one, here), (other, there)):
            hold_slot(conn, contestant.person, contestant.consultation_id, start_at)
    steps = [holding(one, there), holding(other, here)]
    with ThreadPoolExecutor() as pool, arena.database.connect() as gate:
        query = "select from app.slots where start_at = %(start)s for no key update"
        gate.execute(query, {"start": here})
        first = follow(arena.database, pool, steps[goes_first])
        second = follow(arena.database, pool, steps[1 - goes_first])
        gate.commit()
        assert [first.result().code, second.result().code] == ["OK", "OK"]
    with arena.database.connect() as conn:
        assert live_seat(conn, one.consultation_id)["start_at"] == there
        assert live_seat(conn, other.consultation_id)["start_at"] == here
        assert_healthy(conn)


def test_a_whole_crowd_that_swaps_never_deadlocks(arena: Arena) -> None:
    here, there = arena.slots[0], arena.slots[5]
    crowd = arena.crowd[: 2 * DOCTORS]
    with arena.database.connect() as conn:
        make_doctor(conn)  # one seat to move through
        for index, one in enumerate(crowd):
            start_at = (here, there)[index % 2]
            hold_slot(conn, one.person, one.consultation_id, start_at)
    steps = [holding(one, (there, here)[index % 2]) for index, one in enumerate(crowd)]
    answers = Counter(outcome.code for outcome in race(arena.database, steps))
    assert set(answers) <= {"OK", "SLOT_FULL"}
    assert answers["OK"] >= 1
    with arena.database.connect() as conn:
        assert_healthy(conn)


def test_an_expiring_hold_goes_to_one_of_those_who_want_it(arena: Arena) -> None:
    start_at = arena.slots[0]
    holders, hopefuls = arena.crowd[:DOCTORS], arena.crowd[10:20]
    with arena.database.connect() as conn:
        for one in holders:
            hold_slot(conn, one.person, one.consultation_id, start_at)
        lapse_hold(conn, holders[0].consultation_id)
    steps = [holding(one, start_at) for one in hopefuls]
    answers = Counter(outcome.code for outcome in race(arena.database, steps))
    assert answers == {"OK": 1, "SLOT_FULL": 9}
    with arena.database.connect() as conn:
        assert_healthy(conn)


def test_an_expiring_hold_and_its_owner_meet_a_new_hold(arena: Arena) -> None:
    """The owner asks for the slot again at the moment somebody else takes it over."""
    start_at = arena.slots[0]
    owner, other, *rest = arena.crowd[: DOCTORS + 1]
    with arena.database.connect() as conn:
        for one in (owner, *rest):
            hold_slot(conn, one.person, one.consultation_id, start_at)
        lapse_hold(conn, owner.consultation_id)
    steps = [holding(owner, start_at), holding(other, start_at)]
    answers = Counter(outcome.code for outcome in race(arena.database, steps))
    assert answers == {"OK": 1, "SLOT_FULL": 1}
    with arena.database.connect() as conn:
        assert_healthy(conn)


def test_the_sweeper_and_a_new_hold_release_a_lapsed_one_once(arena: Arena) -> None:
    start_at = arena.slots[0]
    lapsed, *rest = arena.crowd[:DOCTORS]
    with arena.database.connect() as conn:
        for one in (lapsed, *rest):
            hold_slot(conn, one.person, one.consultation_id, start_at)
        seat_id = live_seat(conn, lapsed.consultation_id)["id"]
        lapse_hold(conn, lapsed.consultation_id)
    steps = [sweep, holding(arena.crowd[9], start_at)]
    outcomes = race(arena.database, steps)
    assert outcomes[0].code == "OK"
    # The hold may find the lapsed one locked by the sweeper: then it counts as taken.
    assert outcomes[1].code in ("OK", "SLOT_FULL")
    with arena.database.connect() as conn:
        query = """
            select count(*) from app.audit_log
            where entity_id = %(id)s and action = 'HOLD_RELEASED'
        """
        assert value(conn, query, id=seat_id) == 1
        assert_healthy(conn)


def test_an_own_lapsed_hold_is_not_given_again_while_its_slot_is_raised(
    arena: Arena,
) -> None:
    """The new capacity cascades to the appointment, and keeps it locked."""
    one, start_at = arena.crowd[0], arena.slots[0]
    with arena.database.connect() as conn:
        hold_slot(conn, one.person, one.consultation_id, start_at)
        lapsed_id = live_seat(conn, one.consultation_id)["id"]
        lapse_hold(conn, one.consultation_id)

    with ThreadPoolExecutor() as pool, arena.database.connect() as gate:
        statement = (
            "update app.slots set capacity = capacity + 1 where start_at = %(at)s"
        )
        changed(gate, statement, at=start_at)
        again = follow(arena.database, pool, holding(one, start_at))
        gate.commit()
        assert again.result().code == "OK"
    with arena.database.connect() as conn:
        seat = live_seat(conn, one.consultation_id)
        assert seat["id"] != lapsed_id
        assert_healthy(conn)


def test_the_last_hold_that_is_allowed_is_given_once(arena: Arena) -> None:
    person = arena.crowd[0].person
    with arena.database.connect() as conn:
        wanted = [Contestant(person, make_consultation(conn, person)) for _ in range(6)]
        hold_slot(conn, person, wanted[0].consultation_id, arena.slots[0])
    steps = [
        holding(one, start_at)
        for one, start_at in zip(wanted[1:], arena.slots[1:], strict=False)
    ]
    answers = Counter(outcome.code for outcome in race(arena.database, steps))
    assert answers == {"OK": 1, "TOO_MANY_HOLDS": 4}


def test_one_consultation_is_held_once_by_two_tabs(arena: Arena) -> None:
    steps = [holding(arena.crowd[0], start_at) for start_at in arena.slots[:2]]
    outcomes = race(arena.database, steps)
    assert [outcome.code for outcome in outcomes] == ["OK", "OK"]
    assert seats_taken(arena.database) == 1


def test_a_doctor_who_leaves_during_the_race_costs_no_seat_that_is_given(
    arena: Arena,
) -> None:
    def leave(conn: Connection) -> int:
        statement = """
            update app.doctors set is_active = false
            where id = (select id from app.doctors order by id limit 1)
        """
        return changed(conn, statement)

    steps = [leave, *(holding(one, arena.slots[0]) for one in arena.crowd[:8])]
    answers = Counter(outcome.code for outcome in race(arena.database, steps)[1:])
    assert answers["OK"] in (DOCTORS - 1, DOCTORS)
    assert set(answers) == {"OK", "SLOT_FULL"}
    with arena.database.connect() as conn:
        newcomer = make_user(conn)
        consultation_id = make_consultation(conn, newcomer)
        conn.commit()
    late = race(
        arena.database, [holding(Contestant(newcomer, consultation_id), arena.slots[0])]
    )
    assert late[0].code == "SLOT_FULL"
