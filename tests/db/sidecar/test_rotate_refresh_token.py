"""sidecar.rotate_refresh_token: rotation, its grace, and reuse detection."""

from typing import Any
from uuid import UUID

import pytest

from tests.db.helpers import NOBODY_ID, actions, ask
from tests.support.database import Connection, changed, one, rows, value
from tests.support.roles import Person, as_person, refused


def rotate(
    db: Connection, session_id: UUID, token_id: UUID | None, ttl: str = "30 days"
) -> dict[str, Any]:
    """Show a refresh token; the answer is all null when it is refused."""
    grant: dict[str, Any] = ask(
        db,
        "sidecar.rotate_refresh_token",
        session_id=session_id,
        token_id=token_id,
        refresh_ttl=ttl,
    )
    return grant


def unused(db: Connection, owner: Person) -> UUID:
    """Return the one token of the session that is not used up."""
    query = """
        select id from app.refresh_tokens
        where session_id = %(id)s and used_at is null
    """
    token_id: UUID = value(db, query, id=owner.session_id)
    return token_id


def grow_older(db: Connection, token_id: UUID, seconds: int) -> None:
    """Move the use of a token into the past."""
    statement = """
        update app.refresh_tokens
        set used_at = used_at - make_interval(secs => %(secs)s) where id = %(id)s
    """
    assert changed(db, statement, id=token_id, secs=seconds) == 1


def is_refused(grant: dict[str, Any]) -> bool:
    """Return whether the answer says no."""
    return set(grant.values()) == {None}


def test_a_token_is_used_once_and_gives_the_next(db: Connection, owner: Person) -> None:
    first = unused(db, owner)
    grant = rotate(db, owner.session_id, first)
    assert (grant["user_id"], grant["session_id"]) == (owner.user_id, owner.session_id)
    assert grant["db_role"] == "app_user"
    second = unused(db, owner)
    assert grant["refresh_token_id"] == second != first
    third = rotate(db, owner.session_id, second)["refresh_token_id"]
    assert third == unused(db, owner)


def test_rotating_prolongs_the_session(db: Connection, owner: Person) -> None:
    grant = rotate(db, owner.session_id, unused(db, owner), ttl="90 days")
    query = (
        "select expires_at - clock_timestamp() > interval '89 days' from app.sessions"
    )
    assert value(db, query)
    assert grant["refresh_expires_at"] == value(
        db, "select expires_at from app.sessions"
    )


def test_a_lost_answer_may_be_asked_for_again_for_a_few_seconds(
    db: Connection, owner: Person
) -> None:
    first = unused(db, owner)
    lost = rotate(db, owner.session_id, first)
    grow_older(db, first, 8)
    again = rotate(db, owner.session_id, first)
    assert again["refresh_token_id"] == lost["refresh_token_id"]
    assert value(db, "select count(*) from app.refresh_tokens") == 2


def test_a_used_token_shown_later_kills_the_session(
    db: Connection, owner: Person
) -> None:
    stolen = unused(db, owner)
    rotate(db, owner.session_id, stolen)
    grow_older(db, stolen, 11)
    assert is_refused(rotate(db, owner.session_id, stolen))
    with refused("UNAUTHENTICATED"), as_person(db, owner):
        pytest.fail("the session lives on")
    assert is_refused(rotate(db, owner.session_id, unused(db, owner)))
    assert actions(db, owner.session_id) == ["REFRESH_REUSED"]
    actor = "select actor_user_id from app.audit_log where action = 'REFRESH_REUSED'"
    assert value(db, actor) == owner.user_id


def test_a_token_of_another_session_is_refused_and_kills_nothing(
    db: Connection, owner: Person, stranger: Person
) -> None:
    assert is_refused(rotate(db, owner.session_id, unused(db, stranger)))
    for token_id in (NOBODY_ID, None):
        assert is_refused(rotate(db, owner.session_id, token_id))
    assert rows(db, "select * from app.sessions where revoked_at is not null") == []


@pytest.mark.parametrize(
    "cause",
    [
        "update app.sessions set revoked_at = clock_timestamp()",
        "update app.sessions set expires_at = clock_timestamp()",
        "update app.users set is_active = false",
    ],
)
def test_a_dead_session_is_not_refreshed(
    db: Connection, owner: Person, cause: str
) -> None:
    token_id = unused(db, owner)
    changed(db, cause)
    assert is_refused(rotate(db, owner.session_id, token_id))
    query = "select used_at from app.refresh_tokens where id = %(id)s"
    assert one(db, query, id=token_id)["used_at"] is None


def test_a_new_role_asks_for_a_new_sign_in(db: Connection, owner: Person) -> None:
    token = unused(db, owner)
    changed(db, "update app.users set role = 'ADMIN'")
    assert is_refused(rotate(db, owner.session_id, token))
