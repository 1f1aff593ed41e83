"""app.change_user: what an admin changes of a person, and what never comes back."""

from typing import Any

import pytest

from tests.db.helpers import NOBODY_ID, actions, ask, call
from tests.support.database import Connection, changed, one, rows, value
from tests.support.factories import (
    PASSWORD_HASH,
    make_scheduled,
    new_mobile,
    sign_in,
)
from tests.support.roles import Person, refused

CHANGES: dict[str, Any] = {
    "name": None,
    "mobile": None,
    "is_active": None,
    "password_hash": None,
}


@pytest.mark.parametrize(
    "change",
    [
        {"name": "دوباره"},
        {"mobile": "09121111111"},
        {"is_active": True},
        {"password_hash": PASSWORD_HASH},
        {},
    ],
    ids=lambda change: next(iter(change), "nothing"),
)
def test_an_erased_person_is_not_found_whatever_is_to_change(
    db: Connection, admin: Person, owner: Person, change: dict[str, Any]
) -> None:
    call(db, admin, "api.erase_user", user_id=owner.user_id)
    query = "select * from app.users where id = %(id)s"
    before = one(db, query, id=owner.user_id)
    with refused("NOT_FOUND"):
        ask(
            db,
            "sidecar.update_user",
            admin,
            user_id=owner.user_id,
            **CHANGES | change,
        )
    assert one(db, query, id=owner.user_id) == before
    credentials = "select count(*) from app.credentials where user_id = %(id)s"
    assert value(db, credentials, id=owner.user_id) == 0


def test_nobody_is_not_found(db: Connection, admin: Person) -> None:
    with refused("NOT_FOUND"):
        call(db, admin, "api.update_user", user_id=NOBODY_ID, name="کسی")


def test_a_new_role_ends_every_session_at_once(db: Connection, owner: Person) -> None:
    sign_in(db, owner.user_id)
    live = "select count(*) from app.live_sessions where user_id = %(id)s"
    assert value(db, live, id=owner.user_id) == 2
    db.execute("update app.users set role = 'ADMIN' where id = %s", [owner.user_id])
    assert value(db, live, id=owner.user_id) == 0
    assert actions(db, owner.user_id)[-1] == "USER_CHANGED"


def test_what_is_not_sent_yet_goes_to_the_new_number(
    db: Connection, owner: Person, stranger: Person, doctor: Person, admin: Person
) -> None:
    del doctor
    for person in (stranger, owner):
        make_scheduled(db, person)
    sent, mobile = new_mobile(), new_mobile()
    call(db, admin, "api.update_user", user_id=owner.user_id, mobile=sent)
    query = "select recipient from app.sms_messages order by number"
    theirs, own = [row["recipient"] for row in rows(db, query)]
    assert (theirs, own) == (stranger.mobile, sent)
    changed(db, "update app.sms_messages set status = 'SENT'")
    call(db, admin, "api.update_user", user_id=owner.user_id, mobile=mobile)
    assert [row["recipient"] for row in rows(db, query)] == [theirs, own]
