"""G3: no raw SQL opens two attempts to pay, or two live appointments."""

from typing import Any
from uuid import UUID

import pytest

from tests.db.guarantees.raw import INSERT_SEAT
from tests.db.helpers import assert_healthy, violates
from tests.support.database import Connection, changed, one
from tests.support.factories import settle

INSERT_PAYMENT = """
    insert into app.payments (consultation_id, appointment_id, user_id, provider,
        amount_toman, expires_at)
    select consultation_id, appointment_id, user_id, provider, %(amount)s, now()
    from app.payments where id = %(id)s
"""


@pytest.mark.usefixtures("held")
def test_a_second_open_attempt_to_pay(db: Connection, payment: UUID) -> None:
    with violates("payments_open_key"), db.transaction():
        changed(db, INSERT_PAYMENT, id=payment, amount=280000)
    settle(db, payment, "NOT_PAID")
    assert changed(db, INSERT_PAYMENT, id=payment, amount=280000) == 1


def take_second_seat(db: Connection, consultation_id: UUID) -> dict[str, Any]:
    """Insert another seat for the consultation, in another lane."""
    slot = one(db, "update app.slots set capacity = 2 returning *")
    return one(
        db,
        INSERT_SEAT,
        consultation_id=consultation_id,
        slot_id=slot["id"],
        capacity=2,
        lane=2,
        status="HELD",
        doctor_id=None,
    )


def test_a_second_live_appointment(db: Connection, held: UUID) -> None:
    with violates("appointments_live_key"), db.transaction():
        take_second_seat(db, held)
    assert_healthy(db)


def test_a_hold_beside_a_confirmed_appointment(
    db: Connection, held: UUID, payment: UUID
) -> None:
    settle(db, payment)
    with violates("appointments_live_key"), db.transaction():
        take_second_seat(db, held)


def test_an_attempt_to_pay_for_a_seat_of_another_consultation(
    db: Connection, held: UUID, payment: UUID
) -> None:
    statement = """
        update app.payments set appointment_id = app.new_id() where id = %(id)s
    """
    with violates("payments_appointment_id_fkey"), db.transaction():
        changed(db, statement, id=payment)
    assert one(db, "select consultation_id from app.payments") == {
        "consultation_id": held
    }


def test_an_attempt_for_nothing(db: Connection, payment: UUID) -> None:
    settle(db, payment, "NOT_PAID")
    for amount in (0, -5):
        with violates("payments_amount_check"), db.transaction():
            changed(db, INSERT_PAYMENT, id=payment, amount=amount)
