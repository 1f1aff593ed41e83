"""Tokens, sign-ins and registrations at the same moment."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from tests.concurrency.race import Step, follow, race
from tests.db.helpers import actions, ask
from tests.support.database import Connection, Database, changed, rows, value
from tests.support.factories import (
    PASSWORD_HASH,
    make_admin,
    make_pet,
    make_user,
    new_mobile,
)
from tests.support.roles import Person, as_person


def refreshing(owner: Person, token_id: UUID) -> Step:
    """Return the step that shows a refresh token."""

    def refresh(conn: Connection) -> Any:
        return ask(
            conn,
            "sidecar.rotate_refresh_token",
            session_id=owner.session_id,
            token_id=token_id,
            refresh_ttl="30 days",
        )["refresh_token_id"]

    return refresh


def attempting(mobile: str) -> Step:
    """Return the step that begins to sign in."""

    def attempt(conn: Connection) -> Any:
        return ask(conn, "sidecar.begin_sign_in", mobile=mobile, ip="192.0.2.9")

    return attempt


def test_tabs_that_refresh_at_once_share_one_new_token(fresh_db: Database) -> None:
    with fresh_db.connect() as conn:
        owner = make_user(conn)
        token_id = value(conn, "select id from app.refresh_tokens")
    outcomes = race(fresh_db, [refreshing(owner, token_id) for _ in range(6)])
    given = {outcome.answer for outcome in outcomes}
    assert len(given) == 1
    assert given != {None}
    with fresh_db.connect() as conn:
        query = "select id from app.refresh_tokens where used_at is null"
        assert {row["id"] for row in rows(conn, query)} == given
        assert value(conn, "select count(*) from app.refresh_tokens") == 2
        with as_person(conn, owner):
            assert rows(conn, "select * from api.me")


def test_a_stolen_token_shown_at_once_kills_the_session_once(
    fresh_db: Database,
) -> None:
    with fresh_db.connect() as conn:
        owner = make_user(conn)
        token_id = value(conn, "select id from app.refresh_tokens")
        refreshing(owner, token_id)(conn)
        changed(
            conn,
            "update app.refresh_tokens set used_at = used_at - interval '1 minute'",
        )
    outcomes = race(fresh_db, [refreshing(owner, token_id) for _ in range(4)])
    assert {outcome.answer for outcome in outcomes} == {None}
    with fresh_db.connect() as conn:
        assert actions(conn, owner.session_id) == ["REFRESH_REUSED"]


def test_sign_in_attempts_at_once_are_counted_exactly(fresh_db: Database) -> None:
    mobile = new_mobile()
    outcomes = race(fresh_db, [attempting(mobile) for _ in range(12)])
    allowed = Counter(outcome.answer["retry_after"] is None for outcome in outcomes)
    assert allowed == {True: 5, False: 7}


def test_a_sign_in_waits_for_the_account_to_be_closed_and_opens_nothing(
    fresh_db: Database,
) -> None:
    with fresh_db.connect() as conn:
        owner = make_user(conn)

    def enter(conn: Connection) -> Any:
        return ask(
            conn,
            "sidecar.sign_in",
            user_id=owner.user_id,
            checked_password_hash=PASSWORD_HASH,
            refresh_ttl="30 days",
        )

    with ThreadPoolExecutor(1) as pool:
        with fresh_db.connect() as conn, conn.transaction():
            changed(conn, "update app.users set is_active = false")
            entering = follow(fresh_db, pool, enter)
            assert not entering.future.done()
        assert entering.result().answer["session_id"] is None
    with fresh_db.connect() as conn:
        assert value(conn, "select count(*) from app.live_sessions") == 0


def changing(owner: Person, name: str, checked: str | None = PASSWORD_HASH) -> Step:
    """Return the step that changes the password; null has it not compared."""

    def change(conn: Connection) -> Any:
        return ask(
            conn,
            "sidecar.change_password",
            user_id=owner.user_id,
            password_hash=f"$argon2id${name}",
            refresh_ttl="30 days",
            checked_password_hash=checked,
        )["session_id"]

    return change


@pytest.mark.parametrize(
    ("checked", "changes"), [(PASSWORD_HASH, 1), (None, 3)], ids=["compared", "control"]
)
def test_a_password_is_changed_once(
    fresh_db: Database, checked: str | None, changes: int
) -> None:
    with fresh_db.connect() as conn:
        owner = make_user(conn)
    steps = [changing(owner, name, checked) for name in "abc"]
    outcomes = race(fresh_db, steps)
    assert {outcome.code for outcome in outcomes} == {"OK"}
    opened = [outcome.answer for outcome in outcomes if outcome.answer]
    assert len(opened) == changes
    with fresh_db.connect() as conn:
        assert actions(conn, owner.user_id).count("PASSWORD_CHANGED") == changes
        live = rows(conn, "select id from app.live_sessions")
        assert len(live) == 1
        assert live[0]["id"] in opened


@pytest.mark.parametrize(
    ("checked", "stays"),
    [(PASSWORD_HASH, True), (None, False)],
    ids=["compared", "control"],
)
def test_a_reset_is_not_undone_by_a_change_that_comes_after(
    fresh_db: Database, checked: str | None, stays: bool
) -> None:
    with fresh_db.connect() as conn:
        owner, admin = make_user(conn), make_admin(conn)
    with ThreadPoolExecutor(1) as pool:
        with fresh_db.connect() as conn, conn.transaction():
            reset = {"name": None, "mobile": None, "is_active": None}
            ask(
                conn,
                "sidecar.update_user",
                admin,
                user_id=owner.user_id,
                password_hash="$argon2id$reset",
                **reset,
            )
            change = follow(fresh_db, pool, changing(owner, "own", checked))
            assert not change.future.done()
        assert (change.result().answer is None) is stays
    with fresh_db.connect() as conn:
        query = "select password_hash from app.credentials where user_id = %(id)s"
        kept = value(conn, query, id=owner.user_id)
        assert kept == ("$argon2id$reset" if stays else "$argon2id$own")


def test_a_change_waits_for_the_account_to_be_closed_and_opens_nothing(
    fresh_db: Database,
) -> None:
    with fresh_db.connect() as conn:
        owner = make_user(conn)
    with ThreadPoolExecutor(1) as pool:
        with fresh_db.connect() as conn, conn.transaction():
            changed(conn, "update app.users set is_active = false")
            change = follow(fresh_db, pool, changing(owner, "own"))
            assert not change.future.done()
        assert change.result().answer is None
    with fresh_db.connect() as conn:
        assert value(conn, "select count(*) from app.live_sessions") == 0


def test_one_mobile_is_registered_once(fresh_db: Database) -> None:
    mobile = new_mobile()

    def register(conn: Connection) -> Any:
        return ask(
            conn,
            "sidecar.register",
            name="سارا",
            mobile=mobile,
            password_hash=PASSWORD_HASH,
            refresh_ttl="30 days",
        )

    outcomes = race(fresh_db, [register for _ in range(5)])
    assert Counter(outcome.code for outcome in outcomes) == {"OK": 1, "CONFLICT": 4}


def test_a_pet_is_not_deleted_under_a_consultation_that_begins(
    fresh_db: Database,
) -> None:
    with fresh_db.connect() as conn:
        owner = make_user(conn)
        pet_id = make_pet(conn, owner)

    def acting(function: str) -> Step:
        def act(conn: Connection) -> Any:
            with as_person(conn, owner):
                return rows(conn, f"select {function}(%(id)s)", id=pet_id)

        return act

    outcomes = race(
        fresh_db, [acting("api.delete_pet"), acting("api.create_consultation")]
    )
    assert Counter(outcome.code for outcome in outcomes) in (
        {"OK": 1, "NOT_FOUND": 1},
        {"OK": 1, "INVALID_STATE": 1},
    )
