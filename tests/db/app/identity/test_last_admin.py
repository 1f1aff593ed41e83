"""The last active admin stays, whoever deactivates whom, and at the same time too."""

import threading
from uuid import UUID

import psycopg
import pytest

from tests.db.helpers import actions, call
from tests.support.database import Connection, Database, changed, value
from tests.support.factories import make_admin
from tests.support.roles import Person, as_role, refused

DEACTIVATE = "update app.users set is_active = false where id = %(id)s"


def test_an_admin_leaves_while_another_stays(db: Connection, admin: Person) -> None:
    other = make_admin(db)
    call(db, other, "api.update_user", user_id=other.user_id, is_active=False)
    with refused("INVALID_STATE"):
        call(db, admin, "api.update_user", user_id=admin.user_id, is_active=False)
    assert value(db, "select count(*) from app.users where is_active") == 1
    assert "USER_CHANGED" in actions(db, other.user_id)


@pytest.mark.parametrize("change", ["is_active = false", "role = 'USER'"])
def test_raw_sql_does_not_take_the_last_one_away(
    db: Connection, admin: Person, change: str
) -> None:
    with refused("INVALID_STATE"), as_role(db, "app_owner"):
        changed(
            db, f"update app.users set {change} where id = %(id)s", id=admin.user_id
        )


def test_the_sessions_of_a_deactivated_person_never_come_back(
    db: Connection, owner: Person
) -> None:
    changed(db, DEACTIVATE, id=owner.user_id)
    changed(
        db, "update app.users set is_active = true where id = %(id)s", id=owner.user_id
    )
    query = "select count(*) from app.live_sessions where user_id = %(id)s"
    assert value(db, query, id=owner.user_id) == 0


@pytest.mark.parametrize("guarded", [True, False])
def test_two_admins_who_deactivate_each_other(
    fresh_db: Database, guarded: bool
) -> None:
    """Without the guard, the control, nobody is left."""
    with fresh_db.connect(autocommit=True) as first:
        ids = [make_admin(first).user_id for _ in range(2)]
        if not guarded:
            first.execute("alter table app.users disable trigger users_520_last_admin")
        said: list[str] = []
        with first.transaction():
            changed(first, DEACTIVATE, id=ids[0])
            rival = threading.Thread(target=_deactivate, args=(fresh_db, ids[1], said))
            rival.start()
            if guarded:
                _wait_for_the_lock(fresh_db)
            else:
                rival.join()
        rival.join()
        left = value(first, "select count(*) from app.users where is_active")
    assert (left, said) == ((1, ["PGRST"]) if guarded else (0, ["done"]))


def _deactivate(database: Database, user_id: UUID, said: list[str]) -> None:
    try:
        with database.connect() as conn:
            changed(conn, DEACTIVATE, id=user_id)
        said.append("done")
    except psycopg.Error as error:
        said.append(str(error.sqlstate))


def _wait_for_the_lock(database: Database) -> None:
    query = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
    with database.connect(autocommit=True) as conn:
        while not value(conn, query):
            pass
