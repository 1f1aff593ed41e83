"""sidecar.begin_sign_in, sign_in and sign_out."""

from typing import Any

import pytest

from tests.db.helpers import NOBODY_ID, actions, ask
from tests.support.database import Connection, changed, one, rows, value
from tests.support.factories import PASSWORD_HASH, new_mobile, sign_in
from tests.support.roles import Person, as_person, refused

OTHER_HASH = "$argon2id$v=19$m=1,t=1,p=1$b3RoZXI$b3RoZXI"


def attempt(db: Connection, mobile: str, ip: str = "192.0.2.7") -> dict[str, Any]:
    """Begin to sign in."""
    answer: dict[str, Any] = ask(db, "sidecar.begin_sign_in", mobile=mobile, ip=ip)
    return answer


def grow_older(db: Connection, seconds: int, which: str = "true") -> None:
    """Move attempts that were counted into the past."""
    statement = f"""
        update app.sign_in_attempts set attempted_at = array(
            select case when {which} then t - make_interval(secs => %(secs)s) else t end
            from unnest(attempted_at) with ordinality as u (t, n) order by n)
    """
    changed(db, statement, secs=seconds)


def test_a_known_mobile_gives_the_hash_to_check(db: Connection, owner: Person) -> None:
    assert attempt(db, f"+98{owner.mobile[1:]}") == {
        "user_id": owner.user_id,
        "password_hash": PASSWORD_HASH,
        "retry_after": None,
    }


def test_an_unknown_and_an_inactive_mobile_look_alike(
    db: Connection, owner: Person
) -> None:
    changed(db, "update app.users set is_active = false")
    nobody = {"user_id": None, "password_hash": None, "retry_after": None}
    assert attempt(db, owner.mobile) == attempt(db, new_mobile()) == nobody
    assert attempt(db, "not a mobile") == nobody


def test_the_sixth_attempt_in_a_minute_must_wait(db: Connection, owner: Person) -> None:
    for _ in range(5):
        assert attempt(db, owner.mobile)["retry_after"] is None
    sixth = attempt(db, owner.mobile)
    assert sixth["user_id"] is sixth["password_hash"] is None
    assert 59 <= sixth["retry_after"] <= 60


def test_unknown_mobiles_are_counted_like_known_ones(db: Connection) -> None:
    mobile = new_mobile()
    for _ in range(5):
        assert attempt(db, mobile)["retry_after"] is None
    assert attempt(db, mobile)["retry_after"] is not None


def test_the_window_slides(db: Connection, owner: Person) -> None:
    for _ in range(5):
        attempt(db, owner.mobile)
    grow_older(db, 45)
    grow_older(db, 10, "n = 1")
    assert 3 <= attempt(db, owner.mobile)["retry_after"] <= 5
    grow_older(db, 5, "n = 1")
    assert attempt(db, owner.mobile)["retry_after"] is None
    assert 14 <= attempt(db, owner.mobile)["retry_after"] <= 15


def test_a_refused_attempt_does_not_prolong_the_wait(
    db: Connection, owner: Person
) -> None:
    for _ in range(9):
        attempt(db, owner.mobile)
    grow_older(db, 60)
    assert attempt(db, owner.mobile)["retry_after"] is None


def test_other_mobiles_and_other_addresses_are_counted_apart(
    db: Connection, owner: Person, stranger: Person
) -> None:
    for _ in range(6):
        attempt(db, owner.mobile)
    assert attempt(db, stranger.mobile)["retry_after"] is None
    assert attempt(db, owner.mobile, ip="198.51.100.1")["retry_after"] is None


def test_however_the_mobile_is_typed_it_is_one_counter(
    db: Connection, owner: Person
) -> None:
    for form in ("{}", "98{}", "+98{}", "0098{}", "0{}", " 0{} "):
        attempt(db, form.format(owner.mobile[1:]))
    query = "select mobile, cardinality(attempted_at) as n from app.sign_in_attempts"
    counted = {row["mobile"]: row["n"] for row in rows(db, query)}
    assert counted == {owner.mobile: 5, "invalid": 1}


def test_signing_in_opens_a_session(db: Connection, owner: Person) -> None:
    again = sign_in(db, owner.user_id)
    assert again.session_id != owner.session_id
    for person in (owner, again):
        with as_person(db, person):
            assert one(db, "select * from api.me")["id"] == owner.user_id
    query = "select last_login_at is not null from app.users where id = %(id)s"
    assert value(db, query, id=owner.user_id)
    assert actions(db, owner.user_id)[-1] == "USER_LOGGED_IN"


def sign_in_with(
    db: Connection, owner: Person, checked: str, new: str | None = None
) -> Any:
    """Sign in with the hash that was checked, perhaps storing a new one."""
    return ask(
        db,
        "sidecar.sign_in",
        user_id=owner.user_id,
        checked_password_hash=checked,
        refresh_ttl="30 days",
        new_password_hash=new,
    )


def test_a_rehashed_password_is_stored_at_sign_in(
    db: Connection, owner: Person, stranger: Person
) -> None:
    assert sign_in_with(db, owner, PASSWORD_HASH, OTHER_HASH)["session_id"]
    assert attempt(db, owner.mobile)["password_hash"] == OTHER_HASH
    assert attempt(db, stranger.mobile)["password_hash"] == PASSWORD_HASH


def test_a_password_that_changed_meanwhile_opens_nothing(
    db: Connection, owner: Person
) -> None:
    refusal = sign_in_with(db, owner, OTHER_HASH, OTHER_HASH)
    assert set(refusal.values()) == {None}
    assert attempt(db, owner.mobile)["password_hash"] == PASSWORD_HASH
    assert value(db, "select count(*) from app.sessions") == 1


def test_signing_out_ends_the_session_at_once_and_no_other(
    db: Connection, owner: Person
) -> None:
    elsewhere = sign_in(db, owner.user_id)
    ask(db, "sidecar.sign_out", session_id=owner.session_id)
    with refused("UNAUTHENTICATED") as refusal, as_person(db, owner):
        pytest.fail("a signed-out session was let in")
    assert refusal.status == 401
    with as_person(db, elsewhere):
        assert one(db, "select * from api.me")
    assert actions(db, owner.session_id) == ["USER_LOGGED_OUT"]


def test_signing_out_of_an_unknown_session_is_no_error(db: Connection) -> None:
    ask(db, "sidecar.sign_out", session_id=NOBODY_ID)
    assert actions(db, NOBODY_ID) == []
