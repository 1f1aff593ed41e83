"""A slot with one taken seat, for all these tests."""

from typing import Any

import pytest

from tests.db.helpers import some_slots
from tests.support.database import Connection, one
from tests.support.factories import (
    hold_slot,
    make_consultation,
    make_doctor,
    make_user,
)


@pytest.fixture
def slot(db: Connection) -> dict[str, Any]:
    """A slot of capacity 1 whose only lane is held."""
    make_doctor(db)
    person = make_user(db)
    hold_slot(db, person, make_consultation(db, person), some_slots(db, 1)[0])
    return one(db, "select * from app.slots")
