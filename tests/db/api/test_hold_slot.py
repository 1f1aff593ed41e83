"""api.hold_slot: the way to a seat, and every rule on it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.db.helpers import (
    NOBODY_ID,
    actions,
    assert_healthy,
    call,
    clinic_time,
    close_clinic,
    configure,
    forbidden,
    lapse_hold,
    lapse_payment,
    live_seat,
    news,
    open_daily,
    settle_as,
    some_slots,
    status,
)
from tests.support.database import Connection, Database, changed, one, rows, value
from tests.support.factories import (
    free_slots,
    hold_slot,
    make_admin,
    make_consultation,
    make_doctor,
    make_scheduled,
    make_user,
    settle,
    start_payment,
)
from tests.support.roles import Person, as_person, refused

pytestmark = pytest.mark.usefixtures("doctor")


def ends_in(db: Connection, hold: dict[str, Any]) -> timedelta:
    """Return how long a hold still lasts."""
    left: timedelta = hold["hold_expires_at"] - value(db, "select clock_timestamp()")
    return left


def make_paid_without_seat(db: Connection, owner: Person) -> UUID:
    """Make a paid consultation whose only seat went to somebody else."""
    consultation_id = make_consultation(db, owner)
    seat = hold_slot(db, owner, consultation_id)
    payment_id = start_payment(db, owner, consultation_id)
    lapse_hold(db, consultation_id)
    winner = make_user(db, "برنده")
    hold_slot(db, winner, make_consultation(db, winner), seat["start_at"])
    assert settle(db, payment_id) == "VERIFIED"
    assert status(db, "consultations", consultation_id) == "PAID"
    return consultation_id


# What a hold is


def test_a_free_slot_is_held_for_a_quarter_of_an_hour(
    db: Connection, owner: Person, described: UUID
) -> None:
    start_at = some_slots(db, 1)[0]
    hold = hold_slot(db, owner, described, start_at)
    assert (hold["status"], hold["start_at"]) == ("HELD", start_at)
    assert hold["end_at"] - start_at == timedelta(minutes=30)
    assert timedelta(minutes=14, seconds=50) < ends_in(db, hold)
    assert ends_in(db, hold) <= timedelta(minutes=15)
    assert status(db, "consultations", described) == "SLOT_HELD"
    assert actions(db, hold["id"]) == ["SLOT_HELD"]
    assert_healthy(db)


def test_how_long_a_hold_lasts_is_configured(
    db: Connection, owner: Person, described: UUID
) -> None:
    configure(db, hold_minutes=40)
    left = ends_in(db, hold_slot(db, owner, described))
    assert timedelta(minutes=39) < left <= timedelta(minutes=40)


def test_the_owner_sees_the_held_seat_and_its_end(
    db: Connection, owner: Person, described: UUID
) -> None:
    hold = hold_slot(db, owner, described)
    with as_person(db, owner):
        shown = one(db, "select appointment, expires_at from api.consultations")
    assert shown["appointment"]["id"] == str(hold["id"])
    assert shown["appointment"]["doctor"] is None
    ends_at = datetime.fromisoformat(shown["appointment"]["hold_expires_at"])
    assert ends_at == hold["hold_expires_at"]
    assert shown["expires_at"] is None


def test_the_same_slot_again_is_the_same_hold_and_lasts_no_longer(
    db: Connection, owner: Person, described: UUID
) -> None:
    first = hold_slot(db, owner, described)
    again = hold_slot(db, owner, described, first["start_at"])
    assert again == first
    assert actions(db, first["id"]) == ["SLOT_HELD"]


# A change of mind


@pytest.mark.parametrize(("before", "after"), [(0, 3), (3, 0)])
def test_another_slot_moves_the_hold_and_keeps_its_end(
    db: Connection, owner: Person, described: UUID, before: int, after: int
) -> None:
    slots = some_slots(db, 4)
    first = hold_slot(db, owner, described, slots[before])
    moved = hold_slot(db, owner, described, slots[after])
    assert (moved["id"], moved["start_at"]) == (first["id"], slots[after])
    assert moved["end_at"] - moved["start_at"] == timedelta(minutes=30)
    assert moved["hold_expires_at"] == first["hold_expires_at"]
    assert slots[before] in free_slots(db, owner)
    assert slots[after] not in free_slots(db, owner)
    assert actions(db, first["id"]) == ["SLOT_HELD", "SLOT_CHANGED"]
    assert_healthy(db)


def test_going_back_and_forth_gains_nothing(
    db: Connection, owner: Person, described: UUID
) -> None:
    here, there = some_slots(db, 2)
    first = hold_slot(db, owner, described, here)
    hold_slot(db, owner, described, there)
    assert (
        hold_slot(db, owner, described, here)["hold_expires_at"]
        == (first["hold_expires_at"])
    )


def test_the_old_seat_is_kept_when_the_new_slot_is_full(
    db: Connection, owner: Person, stranger: Person, described: UUID
) -> None:
    mine, theirs = some_slots(db, 2)
    hold_slot(db, owner, described, mine)
    hold_slot(db, stranger, make_consultation(db, stranger), theirs)
    with refused("SLOT_FULL"):
        hold_slot(db, owner, described, theirs)
    assert live_seat(db, described)["start_at"] == mine


def test_a_hold_that_ran_out_is_replaced_by_a_new_one(
    db: Connection, owner: Person, described: UUID
) -> None:
    first = hold_slot(db, owner, described)
    lapse_hold(db, described)
    second = hold_slot(db, owner, described, first["start_at"])
    assert second["id"] != first["id"]
    assert ends_in(db, second) > timedelta(minutes=14)
    assert actions(db, first["id"]) == ["SLOT_HELD", "HOLD_RELEASED"]
    assert status(db, "consultations", described) == "SLOT_HELD"
    assert_healthy(db)


# What is offered


@pytest.mark.parametrize(
    ("when", "rule"),
    [
        ((-1, 17, 0), "PAST"),
        ((61, 17, 0), "BEYOND_HORIZON"),
        ((1, 17, 10), "OFF_GRID"),
        ((1, 16, 30), "OFF_GRID"),
        ((1, 21, 0), "OFF_GRID"),
        ((2, 17, 0), "CLOSED"),
    ],
)
def test_a_time_that_is_not_offered_names_the_rule(
    db: Connection,
    owner: Person,
    described: UUID,
    when: tuple[int, int, int],
    rule: str,
) -> None:
    open_daily(db)
    close_clinic(db, clinic_time(2) + timedelta(minutes=29))
    with refused("SLOT_NOT_OFFERED") as refusal:
        hold_slot(db, owner, described, clinic_time(*when))
    assert (refusal.status, refusal.details) == (422, {"rule": rule})
    assert rows(db, "select * from app.appointments") == []


def test_a_microsecond_beside_the_grid_is_off_it(
    db: Connection, owner: Person, described: UUID
) -> None:
    open_daily(db)
    with refused("SLOT_NOT_OFFERED") as refusal:
        hold_slot(db, owner, described, clinic_time(1) + timedelta(microseconds=1))
    assert refusal.details == {"rule": "OFF_GRID"}


def test_a_day_on_which_the_clinic_is_closed_is_not_offered(
    db: Connection, owner: Person, described: UUID
) -> None:
    tomorrow = clinic_time(1)
    configure(db, open_weekdays=[tomorrow.isoweekday() % 7 + 1])
    with refused("SLOT_NOT_OFFERED") as refusal:
        hold_slot(db, owner, described, tomorrow)
    assert refusal.details == {"rule": "CLOSED_DAY"}


def test_the_last_day_of_the_horizon_is_offered(
    db: Connection, owner: Person, described: UUID
) -> None:
    open_daily(db)
    assert hold_slot(db, owner, described, clinic_time(60, 20, 30))


def test_the_start_is_required(db: Connection, owner: Person, described: UUID) -> None:
    with refused("VALIDATION_FAILED") as refusal:
        call(db, owner, "api.hold_slot", consultation_id=described)
    assert list(refusal.details["fields"]) == ["start_at"]


@pytest.mark.parametrize("start_at", ["infinity", "-infinity"])
def test_a_start_at_the_end_of_time_is_none(
    db: Connection, owner: Person, described: UUID, start_at: str
) -> None:
    with refused("VALIDATION_FAILED") as refusal:
        call(
            db,
            owner,
            "api.hold_slot",
            consultation_id=described,
            start_at=start_at,
        )
    assert list(refusal.details["fields"]) == ["start_at"]


@pytest.mark.parametrize("start_at", ["294276-12-31 20:00Z", "4713-01-01 BC 20:00Z"])
def test_a_start_that_is_nearly_there_is_not_offered(
    db: Connection, owner: Person, described: UUID, start_at: str
) -> None:
    with refused("SLOT_NOT_OFFERED"):
        call(
            db,
            owner,
            "api.hold_slot",
            consultation_id=described,
            start_at=start_at,
        )


# A full slot


def test_a_full_slot_is_refused_with_the_nearest_free_ones(
    db: Connection, owner: Person, stranger: Person, described: UUID
) -> None:
    open_daily(db)
    hold_slot(db, stranger, make_consultation(db, stranger), clinic_time(1, 19))
    with refused("SLOT_FULL") as refusal:
        hold_slot(db, owner, described, clinic_time(1, 19))
    assert refusal.status == 409
    nearest = refusal.details["nearest_free_slots"]
    assert all(start.endswith("+03:30") for start in nearest)
    times = [datetime.fromisoformat(start) for start in nearest]
    assert times == sorted(times)
    assert {clinic_time(1, 18, 30), clinic_time(1, 19, 30)} < set(times)
    assert len(times) == 3
    assert status(db, "consultations", described) == "DETAILS_SUBMITTED"


def test_a_slot_has_as_many_seats_as_doctors(
    db: Connection, owner: Person, described: UUID
) -> None:
    make_doctor(db)
    start_at = some_slots(db, 1)[0]
    for _ in range(2):
        person = make_user(db)
        hold_slot(db, person, make_consultation(db, person), start_at)
    with refused("SLOT_FULL"):
        hold_slot(db, owner, described, start_at)
    make_doctor(db)
    hold_slot(db, owner, described, start_at)
    assert value(db, "select capacity from app.slots") == 3
    assert_healthy(db)


def test_fewer_doctors_refuse_new_holds_and_keep_those_that_are_there(
    db: Connection, owner: Person, stranger: Person, described: UUID
) -> None:
    make_doctor(db)
    start_at = some_slots(db, 1)[0]
    first = hold_slot(db, stranger, make_consultation(db, stranger), start_at)
    changed(db, "update app.doctors set is_active = false")
    with refused("SLOT_FULL") as refusal:
        hold_slot(db, owner, described, start_at)
    assert refusal.details == {"nearest_free_slots": []}
    assert status(db, "appointments", first["id"]) == "HELD"
    assert_healthy(db)


def test_a_slot_without_any_doctor_is_full(
    db: Connection, owner: Person, described: UUID
) -> None:
    start_at = some_slots(db, 1)[0]
    changed(db, "update app.doctors set is_active = false")
    with refused("SLOT_FULL"):
        hold_slot(db, owner, described, start_at)
    assert rows(db, "select * from app.slots") == []


# Somebody else's hold that ran out


def test_a_lapsed_hold_of_somebody_else_is_taken_over_at_once(
    db: Connection, owner: Person, stranger: Person, described: UUID
) -> None:
    theirs = make_consultation(db, stranger)
    lapsed = hold_slot(db, stranger, theirs)
    lapse_hold(db, theirs)
    taken = hold_slot(db, owner, described, lapsed["start_at"])
    assert taken["status"] == "HELD"
    row = one(db, "select * from app.appointments where id = %(id)s", id=lapsed["id"])
    assert (row["status"], row["cancel_reason"]) == ("CANCELED", "EXPIRED")
    assert status(db, "consultations", theirs) == "DETAILS_SUBMITTED"
    assert_healthy(db)


def test_a_lapsed_hold_under_payment_is_taken_but_its_payer_keeps_waiting(
    db: Connection, owner: Person, stranger: Person, described: UUID
) -> None:
    theirs = make_consultation(db, stranger)
    lapsed = hold_slot(db, stranger, theirs)
    payment_id = start_payment(db, stranger, theirs)
    lapse_hold(db, theirs)
    hold_slot(db, owner, described, lapsed["start_at"])
    assert status(db, "consultations", theirs) == "PAYMENT_INITIATED"
    assert status(db, "payments", payment_id) == "PENDING"
    assert_healthy(db)


# How many holds


def test_a_person_holds_two_slots_and_not_three(db: Connection, owner: Person) -> None:
    slots = some_slots(db, 3)
    consultations = [make_consultation(db, owner) for _ in slots]
    for consultation_id, start_at in zip(consultations[:2], slots[:2], strict=True):
        hold_slot(db, owner, consultation_id, start_at)
    with refused("TOO_MANY_HOLDS") as refusal:
        hold_slot(db, owner, consultations[2], slots[2])
    assert (refusal.status, refusal.details["limit"]) == (429, 2)
    assert 14 * 60 < refusal.details["retry_after"] <= 15 * 60


def test_a_hold_at_the_limit_may_still_move(db: Connection, owner: Person) -> None:
    slots = some_slots(db, 3)
    consultations = [make_consultation(db, owner) for _ in range(2)]
    for consultation_id, start_at in zip(consultations, slots[:2], strict=True):
        hold_slot(db, owner, consultation_id, start_at)
    assert hold_slot(db, owner, consultations[1], slots[2])["start_at"] == slots[2]


def test_a_lapsed_hold_elsewhere_does_not_count_as_live(
    db: Connection, owner: Person
) -> None:
    configure(db, max_live_holds=1)
    slots = some_slots(db, 2)
    first, second = (make_consultation(db, owner) for _ in slots)
    hold_slot(db, owner, first, slots[0])
    with refused("TOO_MANY_HOLDS"):
        hold_slot(db, owner, second, slots[1])
    lapse_hold(db, first)
    assert hold_slot(db, owner, second, slots[1])


def test_a_confirmed_seat_is_not_a_hold(db: Connection, owner: Person) -> None:
    configure(db, max_live_holds=1)
    make_scheduled(db, owner)
    assert hold_slot(db, owner, make_consultation(db, owner))


def let_holds_lapse(db: Connection, owner: Person, count: int) -> UUID:
    """Let holds of one consultation run out, one after the other."""
    consultation_id = make_consultation(db, owner)
    for start_at in some_slots(db, count):
        hold_slot(db, owner, consultation_id, start_at)
        lapse_hold(db, consultation_id)
    return consultation_id


def test_holds_that_run_out_again_and_again_earn_a_cool_down(
    db: Connection, owner: Person
) -> None:
    let_holds_lapse(db, owner, 3)
    other = make_consultation(db, owner)
    with refused("TOO_MANY_HOLDS") as refusal:
        hold_slot(db, owner, other)
    assert 58 * 60 <= refusal.details["retry_after"] <= 59 * 60


def test_holds_that_run_out_at_the_bank_earn_the_same_cool_down(
    db: Connection, owner: Person
) -> None:
    consultation_id = make_consultation(db, owner)
    for start_at in some_slots(db, 3):
        hold_slot(db, owner, consultation_id, start_at)
        payment_id = start_payment(db, owner, consultation_id)
        lapse_hold(db, consultation_id)
        lapse_payment(db, payment_id)
        assert settle_as(db, payment_id, "NOT_PAID") == "EXPIRED"
    with refused("TOO_MANY_HOLDS"):
        hold_slot(db, owner, consultation_id)


def test_payments_that_fail_earn_no_cool_down(db: Connection, owner: Person) -> None:
    consultation_id = make_consultation(db, owner)
    for start_at in some_slots(db, 3):
        hold_slot(db, owner, consultation_id, start_at)
        settle(db, start_payment(db, owner, consultation_id), "NOT_PAID")
    assert hold_slot(db, owner, consultation_id)


def test_the_cool_down_is_over_when_the_oldest_of_them_is_an_hour_ago(
    db: Connection, owner: Person
) -> None:
    consultation_id = let_holds_lapse(db, owner, 3)
    statement = """
        update app.appointments
        set hold_expires_at = clock_timestamp() - %(age)s::interval
        where id = (select min(id::text)::uuid from app.appointments)
    """
    changed(db, statement, age="59 minutes 30 seconds")
    with refused("TOO_MANY_HOLDS") as refusal:
        hold_slot(db, owner, consultation_id)
    assert 25 <= refusal.details["retry_after"] <= 30
    changed(db, statement, age="60 minutes")
    assert hold_slot(db, owner, consultation_id)


def test_released_holds_earn_no_cool_down(
    db: Connection, owner: Person, described: UUID
) -> None:
    for start_at in some_slots(db, 4):
        hold_slot(db, owner, described, start_at)
        call(db, owner, "api.release_hold", consultation_id=described)
    assert hold_slot(db, owner, described)


def test_one_persons_cool_down_is_not_anothers(
    db: Connection, owner: Person, stranger: Person
) -> None:
    let_holds_lapse(db, owner, 3)
    assert hold_slot(db, stranger, make_consultation(db, stranger))


# The consultation's state


def test_a_draft_holds_nothing(db: Connection, owner: Person) -> None:
    draft = make_consultation(db, owner, with_details=False)
    with refused("INVALID_STATE") as refusal:
        hold_slot(db, owner, draft)
    assert refusal.details["status"] == "DRAFT"


def test_a_canceled_consultation_holds_nothing(
    db: Connection, owner: Person, described: UUID
) -> None:
    call(db, owner, "api.cancel_consultation", consultation_id=described)
    with refused("INVALID_STATE"):
        hold_slot(db, owner, described)


def test_a_scheduled_consultation_holds_no_second_seat(
    db: Connection, owner: Person
) -> None:
    consultation_id = make_scheduled(db, owner)
    with refused("INVALID_STATE"):
        hold_slot(db, owner, consultation_id)


def test_nobody_changes_slots_while_paying(
    db: Connection, owner: Person, described: UUID
) -> None:
    here, there = some_slots(db, 2)
    hold_slot(db, owner, described, here)
    start_payment(db, owner, described)
    for start_at in (here, there):
        with refused("PAYMENT_IN_PROGRESS") as refusal:
            hold_slot(db, owner, described, start_at)
        assert refusal.status == 409
    assert live_seat(db, described)["start_at"] == here


def test_a_lapsed_hold_under_payment_waits_for_the_gateways_answer(
    db: Connection, owner: Person, described: UUID
) -> None:
    hold_slot(db, owner, described)
    start_payment(db, owner, described)
    lapse_hold(db, described)
    with refused("PAYMENT_IN_PROGRESS"):
        hold_slot(db, owner, described)


# Paid, and without a seat


def test_a_paid_consultation_without_a_seat_is_confirmed_at_once(
    db: Connection, owner: Person
) -> None:
    consultation_id = make_paid_without_seat(db, owner)
    seat = hold_slot(db, owner, consultation_id)
    assert (seat["status"], seat["hold_expires_at"]) == ("CONFIRMED", None)
    assert seat["doctor_id"] is not None
    assert status(db, "consultations", consultation_id) == "SCHEDULED"
    assert value(db, "select count(*) from app.payments") == 1
    assert ("APPOINTMENT_CONFIRMED", "USER") in news(db, consultation_id)
    query = "select event from app.sms_messages order by number"
    assert [row["event"] for row in rows(db, query)] == [
        "SLOT_LOST",
        "APPOINTMENT_CONFIRMED",
    ]
    assert_healthy(db)


def test_a_paid_consultation_may_find_its_slot_full_and_stays_paid(
    db: Connection, owner: Person, stranger: Person
) -> None:
    consultation_id = make_paid_without_seat(db, owner)
    full = hold_slot(db, stranger, make_consultation(db, stranger))
    with refused("SLOT_FULL"):
        hold_slot(db, owner, consultation_id, full["start_at"])
    assert status(db, "consultations", consultation_id) == "PAID"
    assert_healthy(db)


def test_a_paid_consultation_is_not_kept_waiting_by_other_holds(
    db: Connection, owner: Person
) -> None:
    consultation_id = make_paid_without_seat(db, owner)
    configure(db, max_live_holds=1)
    hold_slot(db, owner, make_consultation(db, owner))
    assert hold_slot(db, owner, consultation_id)["status"] == "CONFIRMED"


def test_a_paid_consultation_is_not_kept_waiting_by_a_cool_down(
    db: Connection, owner: Person
) -> None:
    configure(db, cooldown_after_expired_holds=1)
    consultation_id = make_paid_without_seat(db, owner)
    assert hold_slot(db, owner, consultation_id)["status"] == "CONFIRMED"


# Whose it is


def test_another_persons_consultation_is_not_found(
    db: Connection, stranger: Person, described: UUID
) -> None:
    start_at = some_slots(db, 1)[0]
    for wrong_id in (described, NOBODY_ID):
        with refused("NOT_FOUND") as refusal:
            hold_slot(db, stranger, wrong_id, start_at)
        assert refusal.status == 404


def test_only_owners_hold_slots(
    db: Connection, doctor: Person, described: UUID
) -> None:
    start_at = some_slots(db, 1)[0]
    for person in (doctor, make_admin(db)):
        with forbidden():
            hold_slot(db, person, described, start_at)


# Between connections


def test_a_lapsed_hold_whose_consultation_is_locked_counts_as_taken(
    fresh_db: Database,
) -> None:
    with fresh_db.connect(autocommit=True) as conn, fresh_db.connect() as other:
        make_doctor(conn)
        theirs, mine = make_user(conn), make_user(conn)
        lapsed_id = make_consultation(conn, theirs)
        wanted_id = make_consultation(conn, mine)
        start_at = hold_slot(conn, theirs, lapsed_id)["start_at"]
        lapse_hold(conn, lapsed_id)
        query = "select from app.consultations where id = %(id)s for no key update"
        other.execute(query, {"id": lapsed_id})
        with refused("SLOT_FULL"):
            hold_slot(conn, mine, wanted_id, start_at)
        other.rollback()
        assert hold_slot(conn, mine, wanted_id, start_at)["status"] == "HELD"
