"""People that most tests need; all are gone with the test's transaction."""

from uuid import UUID

import pytest

from tests.support.database import Connection
from tests.support.factories import (
    hold_slot,
    make_admin,
    make_consultation,
    make_doctor,
    make_user,
    start_payment,
)
from tests.support.roles import Person


@pytest.fixture
def owner(db: Connection) -> Person:
    """A pet owner."""
    return make_user(db)


@pytest.fixture
def stranger(db: Connection) -> Person:
    """Another pet owner, who has nothing to do with the first."""
    return make_user(db, "رضا کریمی")


@pytest.fixture
def doctor(db: Connection) -> Person:
    """A doctor: from now on each slot has one seat."""
    return make_doctor(db)


@pytest.fixture
def admin(db: Connection) -> Person:
    """An admin."""
    return make_admin(db)


@pytest.fixture
def described(db: Connection, owner: Person) -> UUID:
    """A consultation of the owner's whose problem is described: it may hold a slot."""
    return make_consultation(db, owner)


@pytest.fixture
def held(
    db: Connection,
    owner: Person,
    doctor: Person,  # noqa: ARG001 - who makes that there is a seat
    described: UUID,
) -> UUID:
    """A consultation that holds the only seat of the first free slot."""
    hold_slot(db, owner, described)
    return described


@pytest.fixture
def payment(db: Connection, owner: Person, held: UUID) -> UUID:
    """A pending payment for that seat: the owner is at the bank."""
    return start_payment(db, owner, held)
