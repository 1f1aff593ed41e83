"""A clinic with three doctors and a crowd of owners, cloned for each race."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from uuid import UUID

import pytest

from db.tools.scratch import ScratchServer
from tests.support.database import Database
from tests.support.factories import (
    free_slots,
    make_consultation,
    make_doctor,
    make_user,
)
from tests.support.roles import Person

DOCTORS = 3
CROWD = 64

_numbers = count(1)


@dataclass(frozen=True)
class Contestant:
    """An owner whose consultation may hold a slot."""

    person: Person
    consultation_id: UUID


@dataclass(frozen=True)
class Arena:
    """A database of the test's own, with everybody in it ready."""

    database: Database
    crowd: list[Contestant]
    slots: list[datetime]


@pytest.fixture(scope="module")
def prepared(server: ScratchServer, template: str) -> Iterator[Arena]:
    """The arena that is cloned for each test."""
    with server.clone(template, f"arena_{next(_numbers)}") as name:
        database = Database(server, name)
        with database.connect() as conn:
            for _ in range(DOCTORS):
                make_doctor(conn)
            people = [make_user(conn) for _ in range(CROWD)]
            crowd = [Contestant(one, make_consultation(conn, one)) for one in people]
            slots = free_slots(conn, people[0])
        yield Arena(database, crowd, slots)


@pytest.fixture
def arena(server: ScratchServer, prepared: Arena) -> Iterator[Arena]:
    """A clinic with three doctors, and sixty-four owners who want a slot."""
    template = prepared.database.name
    with server.clone(template, f"race_{next(_numbers)}") as name:
        yield Arena(Database(server, name), prepared.crowd, prepared.slots)
