"""A month of a thousand confirmations, whose doctors come and go.

Time is simulated: after each day, what was assigned is moved a day into the past.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from random import Random
from typing import Any
from uuid import UUID

import pytest

from tests.db.helpers import configure
from tests.support.bulk import without_triggers
from tests.support.database import Connection, Database, changed, rows, value
from tests.support.factories import make_doctor

pytestmark = pytest.mark.once

DOCTORS = 5
DAYS = 30
SLOTS_A_DAY = 17
SEATS = 2  # in each slot: 1,020 confirmations in the month
AWAY = ("دکتر 3", "دکتر 4")

# Paid consultations with the seats they hold, two in each slot.
HOLDS = """
    with slots as (
        insert into app.slots (start_at, end_at, capacity)
        select s.at, s.at + interval '30 minutes', {doctors}
        from generate_series(0, {slots} - 1) as n, lateral (
            select now() + make_interval(
                days => n / {a_day} + 1, mins => n % {a_day} * 30) as at) s
        returning *
    ), seats as (
        select s.*, lane, app.new_id() as consultation_id
        from slots s, generate_series(1, {seats}) as lane
    ), people as (
        insert into app.users (name, mobile) values ('سارا احمدی', '09120000000')
        returning id
    ), consultations as (
        insert into app.consultations (id, user_id, pet_id, status, base_price_toman)
        select s.consultation_id, p.id, p.id, 'PAID', 280000
        from seats s, people p
    ), payments as (
        insert into app.payments (consultation_id, appointment_id, user_id, provider,
            amount_toman, authority, ref_id, status, expires_at, paid_at)
        select s.consultation_id, s.consultation_id, p.id, 'MOCK', 280000,
            s.consultation_id::text, '1', 'VERIFIED', now(), now()
        from seats s, people p
    )
    insert into app.appointments (consultation_id, user_id, slot_id, slot_capacity,
        lane, start_at, end_at, status, hold_expires_at)
    select s.consultation_id, p.id, s.id, s.capacity, s.lane, s.start_at, s.end_at,
        'HELD', now() + interval '15 minutes'
    from seats s, people p
"""


@pytest.fixture(scope="module")
def month(server: Any, template: str) -> Iterator[list[dict[str, Any]]]:
    """The confirmed appointments of the month, in the order of their confirmation."""
    with (
        server.clone(template, "month") as name,
        Database(server, name).connect(autocommit=True) as conn,
    ):
        yield simulated_month(conn)


def simulated_month(conn: Connection) -> list[dict[str, Any]]:
    """Confirm a thousand paid seats; the last two doctors are absent for a while."""
    for number in range(DOCTORS):
        make_doctor(conn, f"دکتر {number}")
    with without_triggers(conn):
        conn.execute(
            HOLDS.format(
                slots=SLOTS_A_DAY * DAYS,
                a_day=SLOTS_A_DAY,
                seats=SEATS,
                doctors=DOCTORS,
            ).encode()
        )
    statement = """
        insert into app.doctor_absences (doctor_id, start_at, end_at)
        select id, now() + interval '8 days', now() + interval '15 days'
        from app.doctors where display_name = any (%(names)s)
    """
    changed(conn, statement, names=list(AWAY))
    query = "select id from app.appointments order by start_at, lane"
    held = rows(conn, query)
    a_day = SLOTS_A_DAY * SEATS
    order = []
    for day in range(DAYS):
        todays = held[day * a_day : (day + 1) * a_day]
        Random(day).shuffle(todays)
        order += [row["id"] for row in todays]
        for row in todays:
            value(conn, "select app.confirm_appointment(%(id)s)", id=row["id"])
        conn.execute("""
            update app.appointments set assigned_at = assigned_at - interval '1 day'
            where assigned_at is not null
        """)
    query = """
        select a.*, d.display_name from app.appointments a
        left join app.doctors d on d.id = a.doctor_id
    """
    found = {row["id"]: row for row in rows(conn, query)}
    return [found[seat_id] for seat_id in order]


def calls_by_doctor(month: list[dict[str, Any]]) -> Counter[UUID]:
    """Return how many calls each doctor was given."""
    return Counter(seat["doctor_id"] for seat in month)


def test_a_thousand_were_confirmed_and_all_have_a_doctor(
    month: list[dict[str, Any]],
) -> None:
    assert len(month) >= 1000
    assert {seat["status"] for seat in month} == {"CONFIRMED"}
    assert None not in calls_by_doctor(month)


@pytest.mark.parametrize("were_away", [False, True])
def test_doctors_who_were_equally_available_differ_by_one_at_most(
    month: list[dict[str, Any]], *, were_away: bool
) -> None:
    given = Counter(
        seat["doctor_id"]
        for seat in month
        if (seat["display_name"] in AWAY) == were_away
    )
    assert len(given) == (len(AWAY) if were_away else DOCTORS - len(AWAY))
    assert spread(given.values()) <= 1


def spread(counts: Iterable[int]) -> int:
    """Return by how much the most differs from the least."""
    ordered = sorted(counts)
    return ordered[-1] - ordered[0]


def test_who_is_away_is_given_nothing_meanwhile(month: list[dict[str, Any]]) -> None:
    first = min(seat["start_at"] for seat in month)
    week = [seat for seat in month if 7 < (seat["start_at"] - first).days < 13]
    assert len(week) > 100
    assert not {seat["display_name"] for seat in week} & set(AWAY)


def test_who_was_away_catches_up_and_no_more(month: list[dict[str, Any]]) -> None:
    assert spread(calls_by_doctor(month).values()) <= 1


def test_each_reason_explains_the_choice(month: list[dict[str, Any]]) -> None:
    given: Counter[UUID] = Counter()
    for seat in month:
        reason = seat["assignment_reason"]
        assert reason["policy"] == "ROUND_ROBIN"
        assert reason["candidates"] == 1 + len(reason["others"])
        assert reason["assignments_in_30_days"] == given[seat["doctor_id"]]
        others = [(turn(o), o["doctor_id"]) for o in reason["others"]]
        mine = (turn(reason), str(seat["doctor_id"]))
        assert [mine, *others] == sorted([mine, *others])
        for other in reason["others"]:
            assert other["assignments_in_30_days"] == given[UUID(other["doctor_id"])]
        given[seat["doctor_id"]] += 1


def turn(figures: dict[str, Any]) -> tuple[int, str]:
    """Return what decides: few assignments first, then the longest ago, never first."""
    return figures["assignments_in_30_days"], figures["last_assigned_at"] or ""


def test_the_manual_policy_leaves_it_to_the_admins_and_tells_them(
    fresh_db: Database,
) -> None:
    with fresh_db.connect(autocommit=True) as conn:
        make_doctor(conn)
        configure(conn, doctor_assignment="MANUAL")
        _one_confirmed(conn)


def test_nobody_is_free_and_it_is_confirmed_all_the_same(fresh_db: Database) -> None:
    with fresh_db.connect(autocommit=True) as conn:
        make_doctor(conn)
        changed(conn, "update app.doctors set is_active = false")
        _one_confirmed(conn)


def _one_confirmed(conn: Connection) -> None:
    """Confirm one seat, which nobody gets, and look at what admins are told."""
    with without_triggers(conn):
        conn.execute(HOLDS.format(slots=1, a_day=1, seats=1, doctors=1).encode())
    value(conn, "select app.confirm_appointment(id) from app.appointments")
    seat = rows(conn, "select * from app.appointments")[0]
    assert (seat["status"], seat["doctor_id"]) == ("CONFIRMED", None)
    query = "select payload from app.notifications where type = 'DOCTOR_UNASSIGNED'"
    assert value(conn, query)["appointment_id"] == str(seat["id"])
