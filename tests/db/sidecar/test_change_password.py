"""sidecar.change_password and password_hash."""

import pytest

from tests.db.helpers import NOBODY_ID, actions, ask
from tests.support.database import Connection, one
from tests.support.factories import PASSWORD_HASH, sign_in
from tests.support.roles import Person, as_person, refused

NEW_HASH = "$argon2id$v=19$m=1,t=1,p=1$bmV3$bmV3"


def stored_hash(db: Connection, person: Person) -> str | None:
    """Return the hash that the old password is checked against."""
    found: str | None = ask(db, "sidecar.password_hash", user_id=person.user_id)[
        "password_hash"
    ]
    return found


def test_a_new_password_ends_every_session_of_the_person(
    db: Connection, owner: Person, stranger: Person
) -> None:
    elsewhere = sign_in(db, owner.user_id)
    grant = ask(
        db,
        "sidecar.change_password",
        user_id=owner.user_id,
        password_hash=NEW_HASH,
        refresh_ttl="30 days",
        checked_password_hash=PASSWORD_HASH,
    )
    for dead in (owner, elsewhere):
        with refused("UNAUTHENTICATED"), as_person(db, dead):
            pytest.fail("an old session lives on")
    fresh = Person(
        owner.user_id, grant["session_id"], "app_user", owner.name, owner.mobile
    )
    for alive in (fresh, stranger):
        with as_person(db, alive):
            assert one(db, "select * from api.me")["id"] == alive.user_id
    assert stored_hash(db, owner) == NEW_HASH
    assert stored_hash(db, stranger) == PASSWORD_HASH
    assert "PASSWORD_CHANGED" in actions(db, owner.user_id)


def test_an_unknown_person_has_no_hash(db: Connection) -> None:
    found = ask(db, "sidecar.password_hash", user_id=NOBODY_ID)
    assert found["password_hash"] is None


def test_a_password_that_is_another_by_now_is_not_changed(
    db: Connection, owner: Person
) -> None:
    grant = ask(
        db,
        "sidecar.change_password",
        user_id=owner.user_id,
        password_hash=NEW_HASH,
        refresh_ttl="30 days",
        checked_password_hash=f"{PASSWORD_HASH}=",
    )
    assert grant["session_id"] is None
    assert stored_hash(db, owner) == PASSWORD_HASH
    assert "PASSWORD_CHANGED" not in actions(db, owner.user_id)
    with as_person(db, owner):
        assert one(db, "select * from api.me")
