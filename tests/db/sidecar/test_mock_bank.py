"""sidecar.mock_*: the stand-in for Zarinpal behaves like it."""

from uuid import UUID

import pytest

from tests.db.helpers import ask
from tests.support.database import Connection, one, rows, value


@pytest.fixture
def authority(db: Connection, payment: UUID) -> str:
    """The authority of a session whose owner is at the mock bank."""
    found: str = value(
        db, "select authority from app.payments where id = %(id)s", id=payment
    )
    return found


def pay(db: Connection, payment: UUID, is_paid: bool) -> str:
    """Press a button of the mock bank's page; return the session's status."""
    session = ask(db, "sidecar.mock_pay", payment_id=payment, is_paid=is_paid)
    found: str = session["status"]
    return found


def verify(db: Connection, authority: str, amount_toman: int = 280000) -> int:
    """Verify, and return the code."""
    answer = ask(
        db, "sidecar.mock_verify", authority=authority, amount_toman=amount_toman
    )
    has_reference = answer["ref_id"] is not None and answer["card_pan"] is not None
    assert has_reference == (answer["code"] in (100, 101))
    code: int = answer["code"]
    return code


def inquire(db: Connection, authority: str) -> str | None:
    """Inquire about a session."""
    found: str | None = ask(db, "sidecar.mock_inquiry", authority=authority)[
        "mock_inquiry"
    ]
    return found


def test_an_authority_looks_like_the_sandboxs(authority: str) -> None:
    assert len(authority) == 36
    assert authority.startswith("S")


def test_the_page_shows_the_session(
    db: Connection, payment: UUID, authority: str
) -> None:
    session = ask(db, "sidecar.mock_session", payment_id=payment)
    assert (session["authority"], session["status"]) == (authority, "IN_BANK")
    assert session["amount_toman"] == 280000
    assert session["callback_url"].startswith("http://")


def test_a_paid_session_verifies_as_100_and_then_as_101(
    db: Connection, payment: UUID, authority: str
) -> None:
    assert pay(db, payment, is_paid=True) == "PAID"
    assert [verify(db, authority) for _ in range(3)] == [100, 101, 101]
    assert inquire(db, authority) == "VERIFIED"


def test_the_reference_stays_the_same(
    db: Connection, payment: UUID, authority: str
) -> None:
    pay(db, payment, is_paid=True)
    query = "select ref_id from sidecar.mock_verify(%(authority)s, 280000)"
    references = {value(db, query, authority=authority) for _ in range(2)}
    assert len(references) == 1


def test_what_nobody_paid_does_not_verify(
    db: Connection, payment: UUID, authority: str
) -> None:
    assert verify(db, authority) == -51
    assert inquire(db, authority) == "IN_BANK"
    assert pay(db, payment, is_paid=False) == "FAILED"
    assert verify(db, authority) == -51


def test_another_amount_does_not_verify(
    db: Connection, payment: UUID, authority: str
) -> None:
    pay(db, payment, is_paid=True)
    assert verify(db, authority, 279999) == -50
    assert inquire(db, authority) == "PAID"


def test_an_unknown_authority_does_not_verify(db: Connection) -> None:
    assert verify(db, "S-unknown") == -54
    assert inquire(db, "S-unknown") is None


@pytest.mark.parametrize(("first", "status"), [(True, "PAID"), (False, "FAILED")])
def test_a_second_press_changes_nothing(
    db: Connection, payment: UUID, first: bool, status: str
) -> None:
    pay(db, payment, is_paid=first)
    assert pay(db, payment, is_paid=not first) == status


def test_unverified_are_those_paid_and_not_verified(
    db: Connection, payment: UUID, authority: str
) -> None:
    query = "select * from sidecar.mock_unverified()"
    assert rows(db, query) == []
    pay(db, payment, is_paid=True)
    assert one(db, query) == {"authority": authority, "amount_toman": 280000}
    verify(db, authority)
    assert rows(db, query) == []


def test_only_what_was_paid_is_reversed_and_only_once(
    db: Connection, payment: UUID, authority: str
) -> None:
    def reverse() -> int:
        code: int = ask(db, "sidecar.mock_reverse", authority=authority)["mock_reverse"]
        return code

    assert reverse() == -61
    pay(db, payment, is_paid=True)
    assert [reverse(), reverse()] == [100, -61]
    assert inquire(db, authority) == "REVERSED"
    assert verify(db, authority) == -51
