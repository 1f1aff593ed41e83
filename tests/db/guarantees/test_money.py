"""G4: refunds are never above the payment, and no trace of money is deleted."""

from uuid import UUID

import psycopg
import pytest

from tests.db.helpers import call, violates
from tests.support.database import Connection, changed
from tests.support.factories import settle
from tests.support.roles import Person

INSERT_REFUND = """
    insert into app.refunds (payment_id, payment_amount_toman, amount_toman, reason)
    values (%(id)s, %(paid)s, %(amount)s, 'ADMIN_CANCELED')
"""


@pytest.mark.parametrize("amount", [280001, 0, -1])
def test_a_refund_above_the_payment_or_of_nothing(
    db: Connection, payment: UUID, amount: int
) -> None:
    settle(db, payment)
    with violates("refunds_amount_check"), db.transaction():
        changed(db, INSERT_REFUND, id=payment, paid=280000, amount=amount)


def test_a_refund_that_lies_about_what_was_paid(db: Connection, payment: UUID) -> None:
    settle(db, payment)
    with violates("refunds_payment_id_fkey"), db.transaction():
        changed(db, INSERT_REFUND, id=payment, paid=560000, amount=560000)


def test_a_payment_whose_amount_shrinks_under_its_refund(
    db: Connection, payment: UUID
) -> None:
    settle(db, payment)
    changed(db, INSERT_REFUND, id=payment, paid=280000, amount=280000)
    with violates("refunds_payment_id_fkey"), db.transaction():
        changed(db, "update app.payments set amount_toman = 1000")


def test_a_second_refund_of_one_payment(
    db: Connection, owner: Person, held: UUID, payment: UUID
) -> None:
    call(db, owner, "api.cancel_consultation", consultation_id=held)
    settle(db, payment)
    with violates("refunds_payment_id_key"), db.transaction():
        changed(db, INSERT_REFUND, id=payment, paid=280000, amount=1)


def test_a_transfer_without_its_reference(
    db: Connection, owner: Person, held: UUID, payment: UUID
) -> None:
    call(db, owner, "api.cancel_consultation", consultation_id=held)
    settle(db, payment)
    with violates("refunds_reference_check"), db.transaction():
        changed(db, "update app.refunds set status = 'TRANSFERRED'")
    statement = "update app.refunds set status = 'TRANSFERRED', reference = 'TR-1'"
    assert changed(db, statement) == 1


def test_the_rials_of_a_payment_are_ten_times_its_toman(
    db: Connection, payment: UUID
) -> None:
    statement = "update app.payments set amount_rials = 1 where id = %(id)s"
    with pytest.raises(Exception, match="amount_rials"), db.transaction():
        changed(db, statement, id=payment)


@pytest.mark.parametrize("outcome", ["PAID", "NOT_PAID", "UNKNOWN"])
def test_deleting_an_attempt_that_has_touched_a_gateway(
    db: Connection, payment: UUID, outcome: str
) -> None:
    settle(db, payment, outcome)
    changed(db, "delete from app.mock_bank_sessions")  # a real gateway keeps its own
    with pytest.raises(psycopg.errors.RestrictViolation), db.transaction():
        changed(db, "delete from app.payments where id = %(id)s", id=payment)


@pytest.mark.parametrize(
    "statement", ["delete from app.refunds", "truncate app.refunds"]
)
def test_a_refund_is_never_deleted(
    db: Connection, payment: UUID, statement: str
) -> None:
    settle(db, payment)
    changed(db, INSERT_REFUND, id=payment, paid=280000, amount=280000)
    with pytest.raises(psycopg.errors.RestrictViolation), db.transaction():
        db.execute(statement)
