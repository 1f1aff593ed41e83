"""A person who is forgotten while they go on."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from tests.concurrency.race import Outcome, Step, follow
from tests.db.helpers import call
from tests.support.database import Connection, Database, rows, value
from tests.support.factories import (
    make_admin,
    make_consultation,
    make_pet,
    make_user,
)
from tests.support.roles import Person

_LOCK = "select from app.consultations where id = %(id)s for no key update"
_ERASED = """
    select exists (select from app.users where id = %(id)s and erased_at is not null)
"""
_LEFT = """
    select (select count(*) from app.consultations where message_text is not null)
        + (select count(*) from app.pets where name <> '—')
"""


class Home:
    """An owner with a pet and a consultation, and an admin who is to erase them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.connect() as conn:
            self.owner, self.admin = make_user(conn), make_admin(conn)
            self.pet_id = make_pet(conn, self.owner)
            self.consultation_id = make_consultation(conn, self.owner, self.pet_id)

    def erase(self, conn: Connection) -> Any:
        """Forget the owner."""
        return call(conn, self.admin, "api.erase_user", user_id=self.owner.user_id)

    def left(self) -> int:
        """Return how much an erased owner has left behind; none while they are not."""
        with self.database.connect() as conn:
            if not value(conn, _ERASED, id=self.owner.user_id):
                return 0
            return int(value(conn, _LEFT))


@pytest.fixture
def home(fresh_db: Database) -> Home:
    """An owner's and their admin's."""
    return Home(fresh_db)


def describe_meanwhile(home: Home) -> Outcome:
    """Let the owner write of a second problem while the erasing waits for the first."""
    with ThreadPoolExecutor(1) as pool:
        with home.database.connect() as conn, conn.transaction():
            rows(conn, _LOCK, id=home.consultation_id)
            erasing = follow(home.database, pool, home.erase)
            assert not erasing.future.done()
            with home.database.connect(autocommit=True) as elsewhere:
                make_consultation(elsewhere, home.owner, home.pet_id)
        return erasing.result()


def test_what_is_begun_while_erasing_waits_is_not_left_behind(home: Home) -> None:
    assert describe_meanwhile(home).code == "CONFLICT"
    assert home.left() == 0
    with home.database.connect() as conn:
        home.erase(conn)
    assert home.left() == 0


def begin_consultation(owner: Person, pet_id: UUID) -> Step:
    """Return the step that begins a consultation."""
    return lambda conn: call(conn, owner, "api.create_consultation", pet_id=pet_id)


def register_pet(owner: Person, pet_id: UUID) -> Step:
    """Return the step that registers another pet."""
    del pet_id
    return lambda conn: call(conn, owner, "api.create_pet", type="CAT", name="فندق")


@pytest.mark.parametrize("beginning", [begin_consultation, register_pet])
def test_nothing_is_begun_by_a_request_that_meets_the_erasing(
    home: Home, beginning: Callable[[Person, UUID], Step]
) -> None:
    assert meet(home, beginning).code == "UNAUTHENTICATED"
    assert home.left() == 0


def test_without_the_lock_of_the_account_a_pet_would_be_left_behind(home: Home) -> None:
    """The race above is real."""
    with home.database.connect() as conn:
        source = value(conn, "select pg_get_functiondef('app.lock_account'::regproc)")
        conn.execute(source.replace("and u.is_active for share", "").encode())
    assert meet(home, register_pet).code == "OK"
    assert home.left() == 1


def meet(home: Home, beginning: Callable[[Person, UUID], Step]) -> Outcome:
    """Let the owner begin something while the erasing is about to be committed."""
    step = beginning(home.owner, home.pet_id)
    with ThreadPoolExecutor(1) as pool:
        with home.database.connect() as conn, conn.transaction():
            home.erase(conn)
            begun = follow(home.database, pool, step)
        return begun.result()
