"""app.check_request: what runs before every request."""

from typing import Any

import pytest

from tests.db.helpers import NOBODY_ID, configure
from tests.support.database import Connection, changed, value
from tests.support.roles import Person, as_person, as_role, refused


def check(
    db: Connection, claims: dict[str, Any] | None, role: str = "app_user"
) -> None:
    """Run the check with these claims, as PostgREST does."""
    with as_role(db, role, claims):
        db.execute("select app.check_request()")


def test_a_live_session_is_let_in(
    db: Connection, owner: Person, doctor: Person, admin: Person
) -> None:
    for person in (owner, doctor, admin):
        check(db, person.claims, person.db_role)


def test_nobody_signed_in_is_let_in_as_anonymous(db: Connection) -> None:
    check(db, None, "anon")
    check(db, {"role": "anon"}, "anon")


def test_it_works_in_a_read_only_transaction(db: Connection, owner: Person) -> None:
    db.execute("set local transaction_read_only = on")
    check(db, owner.claims)


def test_it_sets_the_clinics_time_zone(db: Connection, owner: Person) -> None:
    configure(db, tz="Asia/Kabul")
    with as_person(db, owner):
        assert value(db, "show timezone") == "Asia/Kabul"


@pytest.mark.parametrize("claim", ["sub", "role", "sid", "aud", "iat", "exp", "jti"])
def test_a_token_without_one_of_its_claims_is_refused(
    db: Connection, owner: Person, claim: str
) -> None:
    claims = owner.claims
    del claims[claim]
    with refused("UNAUTHENTICATED") as refusal:
        check(db, claims)
    assert refusal.status == 401


@pytest.mark.parametrize("late", [0, 1, 29])
def test_a_token_ends_by_our_clock_and_at_once(
    db: Connection, owner: Person, late: int
) -> None:
    now = value(db, "select floor(extract(epoch from clock_timestamp()))::integer")
    check(db, owner.claims | {"exp": now + 5})
    with refused("UNAUTHENTICATED"):
        check(db, owner.claims | {"exp": now - late})


@pytest.mark.parametrize("end", [None, "9999999999", "soon"])
def test_a_token_ends_at_a_number_of_seconds(
    db: Connection, owner: Person, end: object
) -> None:
    with refused("UNAUTHENTICATED"):
        check(db, owner.claims | {"exp": end})


def test_a_token_with_a_subject_and_no_role_is_not_taken_for_anonymous(
    db: Connection, owner: Person
) -> None:
    with refused("UNAUTHENTICATED"):
        check(db, {"sub": str(owner.user_id)}, "anon")
    with refused("UNAUTHENTICATED"):
        check(db, owner.claims | {"role": "anon"}, "anon")


@pytest.mark.parametrize(
    "cause",
    [
        "update app.sessions set revoked_at = clock_timestamp()",
        "update app.sessions set expires_at = clock_timestamp()",
        "update app.users set is_active = false",
        "update app.users set role = 'DOCTOR'",
        "delete from app.sessions",
    ],
)
def test_a_session_that_no_longer_holds_is_refused_at_once(
    db: Connection, owner: Person, cause: str
) -> None:
    check(db, owner.claims)
    changed(db, cause)
    with refused("UNAUTHENTICATED"):
        check(db, owner.claims)


def test_a_session_is_not_anothers(
    db: Connection, owner: Person, stranger: Person
) -> None:
    with refused("UNAUTHENTICATED"):
        check(db, owner.claims | {"sid": str(stranger.session_id)})
    with refused("UNAUTHENTICATED"):
        check(db, owner.claims | {"sid": str(NOBODY_ID)})


def test_a_token_cannot_claim_a_role_that_is_not_its_owners(
    db: Connection, owner: Person
) -> None:
    with refused("UNAUTHENTICATED"):
        check(db, owner.claims | {"role": "app_admin"}, "app_admin")
