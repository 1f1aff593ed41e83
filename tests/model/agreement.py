"""Comparing the model with the database, after every step."""

from collections import Counter
from typing import Any

from tests.model.entities import Consultation
from tests.model.model import Model
from tests.model.system import System
from tests.support.database import rows

# What is left until a deadline is a multiple of five minutes, less the time that the
# example has taken: rounded up, as below, it is what the model knows.
LEFT = "ceil(extract(epoch from {} - clock_timestamp()) / 300)::int * 5"
PICTURE = f"""
    select c.id, c.status::text, c.deleted_at is not null as is_deleted,
        {LEFT.format("c.expires_at")} as expires,
        (select coalesce(jsonb_agg(jsonb_build_array(
                a.status, extract(epoch from a.start_at), extract(epoch from a.end_at),
                {LEFT.format("a.hold_expires_at")}, a.doctor_id)
            order by a.created_at), '[]')
         from app.appointments a
         where a.consultation_id = c.id and a.status <> 'CANCELED') as seats,
        (select count(*) from app.appointments a
         where a.consultation_id = c.id and a.status = 'CANCELED') as given_up,
        (select coalesce(jsonb_agg(jsonb_build_array(
                p.status, p.authority is not null, r.reason)
            order by p.created_at), '[]')
         from app.payments p left join app.refunds r on r.payment_id = p.id
         where p.consultation_id = c.id) as attempts
    from app.consultations c
    order by c.created_at
"""
NEWS = """
    select type::text, count(*) as number from app.notifications
    where target_role = 'USER'
      and type in ('PAYMENT_SUCCESS', 'APPOINTMENT_CONFIRMED', 'SLOT_LOST')
    group by type
"""
REPORTS = """
    select array(select (a ->> 'consultation_id')::uuid
                 from jsonb_array_elements(n.payload -> 'appointments') a) as listed
    from app.notifications n
    where n.type = 'OVER_CAPACITY' and n.target_role = 'ADMIN'
    order by n.id
"""
UNWATCHED = """
    select id from app.payments
    where authority is not null and status <> 'VERIFIED' and next_inquiry_at is null
      and (status in ('INITIATED', 'PENDING')
           or created_at > clock_timestamp() - interval '1 day')
"""


def assert_agreement(model: Model, system: System) -> None:
    """Assert that the database is healthy, and as the model says."""
    violations = system.violations()
    assert not violations, violations
    found = rows(system.conn, PICTURE)
    assert len(found) == len(model.consultations)
    for consultation, row in zip(model.consultations, found, strict=True):
        picture = _read(row, system)
        _learn_sweep(model, consultation, picture)
        _learn_doctor(consultation, picture)
        assert picture == _expected(model, consultation), consultation
    news = {row["type"]: row["number"] for row in rows(system.conn, NEWS)}
    assert Counter(news) == model.news
    reports = [set(row["listed"]) for row in rows(system.conn, REPORTS)]
    assert reports == model.reports
    assert not rows(system.conn, UNWATCHED), "nobody asks the bank about an attempt"


def _read(row: dict[str, Any], system: System) -> dict[str, Any]:
    """Translate a consultation in the database into the model's words."""
    numbers = {str(doctor): number for number, doctor in enumerate(system.doctors)}
    zero = int(system.time.day_zero.timestamp()) // 60
    return {
        "id": row["id"],
        "status": row["status"],
        "is_deleted": row["is_deleted"],
        "expires": row["expires"],
        "given_up": row["given_up"],
        "seats": [
            (
                status,
                int(start) // 60 - zero,
                int(end) // 60 - zero,
                left,
                numbers.get(doctor),
            )
            for status, start, end, left, doctor in row["seats"]
        ],
        "attempts": [tuple(attempt) for attempt in row["attempts"]],
    }


def _expected(model: Model, consultation: Consultation) -> dict[str, Any]:
    """Say what the database must show for a consultation."""
    return {
        "id": consultation.id,
        "status": consultation.status,
        "is_deleted": consultation.is_deleted,
        "expires": _left(model, consultation.expires),
        "given_up": sum(seat.status == "CANCELED" for seat in consultation.seats),
        "seats": [
            (seat.status, *seat.span, _left(model, seat.expires), seat.doctor)
            for seat in consultation.seats
            if seat.status != "CANCELED"
        ],
        "attempts": [
            (attempt.status, attempt.authority is not None, attempt.refund)
            for attempt in consultation.attempts
        ],
    }


def _left(model: Model, deadline: int | None) -> int | None:
    """Return the minutes until a deadline."""
    return None if deadline is None else deadline - model.now


def _learn_sweep(
    model: Model, consultation: Consultation, picture: dict[str, Any]
) -> None:
    """Believe that an expired hold is gone: whoever passes by may release it."""
    seat = consultation.live_seat
    if seat and seat.has_lapsed(model.now) and not picture["seats"]:
        model.lapse(consultation)


def _learn_doctor(consultation: Consultation, picture: dict[str, Any]) -> None:
    """Believe who was assigned, if it is one of those whose turn it was."""
    seat = consultation.live_seat
    if seat and seat.candidates is not None and picture["seats"]:
        *_, seat.doctor = picture["seats"][-1]
        is_right = seat.doctor in seat.candidates or not (
            seat.candidates or seat.doctor is not None
        )
        assert is_right, f"{seat.doctor} is not one of {seat.candidates}"
        seat.candidates = None
