"""api.search_users."""

import pytest

from tests.db.api.searching import found, search, walked
from tests.db.helpers import call, forbidden
from tests.support.database import Connection, changed
from tests.support.roles import Person


def test_all_are_found_the_newest_first(
    db: Connection, owner: Person, doctor: Person, admin: Person
) -> None:
    shown = found(db, admin, "users")
    assert set(shown) == {owner.user_id, doctor.user_id, admin.user_id}
    assert shown == sorted(shown, reverse=True)
    assert walked(db, admin, "users", 2) == shown


@pytest.mark.usefixtures("doctor", "stranger")
def test_filters_are_combined(db: Connection, owner: Person, admin: Person) -> None:
    every = {"mobile": owner.mobile[:-1], "name": "سارا", "role": "USER"}
    (row,) = search(db, admin, "users", **every)
    assert (row["id"], row["mobile"]) == (owner.user_id, owner.mobile)
    assert "search_words" not in row
    for other in ({"mobile": "0999"}, {"name": "لیلا"}, {"role": "DOCTOR"}):
        assert found(db, admin, "users", **(every | other)) == []


def test_a_new_name_is_found_at_once(
    db: Connection, owner: Person, admin: Person
) -> None:
    changed(
        db,
        "update app.users set name = 'پرند مهر' where id = %(id)s",
        id=owner.user_id,
    )
    assert found(db, admin, "users", name="پرند") == [owner.user_id]
    assert found(db, admin, "users", name="سارا") == []


def test_only_admins_search(db: Connection, owner: Person, doctor: Person) -> None:
    for person in (owner, doctor):
        with forbidden():
            call(db, person, "api.search_users")
