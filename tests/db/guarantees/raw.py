"""Raw SQL against the rules, as the tables' owner might type it."""

from typing import Any
from uuid import UUID

from tests.support.database import Connection, one
from tests.support.factories import make_consultation, make_user

INSERT_SEAT = """
    insert into app.appointments (consultation_id, user_id, slot_id, slot_capacity,
        lane, start_at, end_at, status, hold_expires_at, doctor_id)
    select c.id, c.user_id, s.id, %(capacity)s, %(lane)s, s.start_at, s.end_at,
        %(status)s, now() + interval '1 hour', %(doctor_id)s
    from app.consultations c, app.slots s
    where c.id = %(consultation_id)s and s.id = %(slot_id)s
    returning *
"""


def insert_seat(
    db: Connection,
    slot: dict[str, Any],
    *,
    lane: int | None,
    capacity: int | None = None,
    status: str = "HELD",
    doctor_id: UUID | None = None,
) -> dict[str, Any]:
    """Insert an appointment for a new consultation, past all functions."""
    person = make_user(db)
    return one(
        db,
        INSERT_SEAT,
        consultation_id=make_consultation(db, person),
        slot_id=slot["id"],
        capacity=slot["capacity"] if capacity is None else capacity,
        lane=lane,
        status=status,
        doctor_id=doctor_id,
    )
