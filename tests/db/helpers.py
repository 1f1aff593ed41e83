"""Steps and questions that the tests of the database share.

Time is never waited for: the data is moved into the past instead.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.support.database import Connection, changed, one, rows, value
from tests.support.factories import free_slots, make_user
from tests.support.roles import Person, as_person, as_role

# Iran keeps this offset all year (since 2022).
TEHRAN = timezone(timedelta(hours=3, minutes=30))
NOBODY_ID = UUID("018f0000-0000-7000-8000-000000000000")


def call(conn: Connection, person: Person, function: str, **arguments: Any) -> Any:
    """Call a function as a signed-in person, with named arguments; return its row."""
    with as_person(conn, person):
        return _call(conn, function, arguments)


def ask(
    conn: Connection,
    function: str,
    on_behalf_of: Person | None = None,
    **arguments: Any,
) -> Any:
    """Call a function as the sidecar, for a signed-in person or for the system."""
    claims = on_behalf_of.claims if on_behalf_of else None
    with as_role(conn, "sidecar", claims):
        return _call(conn, function, arguments)


def _call(conn: Connection, function: str, arguments: dict[str, Any]) -> Any:
    named = ", ".join(f'"{name}" => %({name})s' for name in arguments)
    return one(conn, f"select * from {function}({named})", **arguments)


@contextmanager
def forbidden() -> Iterator[None]:
    """Expect PostgreSQL itself to refuse the block: a missing grant."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        yield


@contextmanager
def violates(constraint: str) -> Iterator[None]:
    """Expect the block to break a constraint or unique index of this name."""
    with pytest.raises(psycopg.IntegrityError) as raised:
        yield
    assert raised.value.diag.constraint_name == constraint, raised.value


def configure(conn: Connection, **settings: Any) -> None:
    """Change the clinic's settings."""
    assignments = ", ".join(f"{name} = %({name})s" for name in settings)
    assert changed(conn, f"update app.system_config set {assignments}", **settings) == 1


def open_daily(conn: Connection) -> None:
    """Open the clinic on every day of the week, so that dates can be chosen freely."""
    configure(conn, open_weekdays=[1, 2, 3, 4, 5, 6, 7])


def clinic_time(days: int, hour: int = 17, minute: int = 0) -> datetime:
    """Return a time of day in the clinic's zone, so many days from today there."""
    now = datetime.now(TEHRAN)
    at_hour = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return at_hour + timedelta(days=days)


def some_slots(conn: Connection, count: int) -> list[datetime]:
    """Return the first free slots, in order."""
    return free_slots(conn, make_user(conn))[:count]


def status(conn: Connection, table: str, row_id: UUID) -> str:
    """Return the status of a row of `app.<table>`."""
    found: str = value(
        conn, f"select status from app.{table} where id = %(id)s", id=row_id
    )
    return found


def live_seat(conn: Connection, consultation_id: UUID) -> Any:
    """Return the consultation's held or confirmed appointment."""
    query = """
        select * from app.appointments
        where consultation_id = %(id)s and status in ('HELD', 'CONFIRMED')
    """
    return one(conn, query, id=consultation_id)


def lapse_hold(conn: Connection, consultation_id: UUID) -> None:
    """Let the consultation's hold run out, a minute ago."""
    statement = """
        update app.appointments
        set hold_expires_at = clock_timestamp() - interval '1 minute'
        where consultation_id = %(id)s and status = 'HELD'
    """
    assert changed(conn, statement, id=consultation_id) == 1


def lapse_payment(conn: Connection, payment_id: UUID) -> None:
    """Let the attempt's deadline pass, a minute ago."""
    statement = """
        update app.payments set expires_at = clock_timestamp() - interval '1 minute'
        where id = %(id)s
    """
    assert changed(conn, statement, id=payment_id) == 1


def close_clinic(conn: Connection, start_at: datetime) -> None:
    """Add a closure of half an hour."""
    statement = """
        insert into app.closures (start_at, end_at, reason)
        values (%(start)s, %(end)s, 'تعطیل')
    """
    changed(conn, statement, start=start_at, end=start_at + timedelta(minutes=30))


def settle_as(
    conn: Connection, payment_id: UUID, outcome: str, *, is_genuine: bool = False
) -> str:
    """Settle as reconciliation does, or as a genuine callback; return the status."""
    lease = ask(
        conn,
        "sidecar.begin_settlement",
        payment_id=payment_id,
        lease=timedelta(seconds=30),
        is_genuine=is_genuine,
    )
    answer = ask(
        conn,
        "sidecar.finish_settlement",
        payment_id=payment_id,
        lease_token=lease["lease_token"],
        outcome=outcome,
        is_genuine=is_genuine,
        ref_id="10000000042",
        card_pan="502229******5995",
        raw_response="{}",
    )
    found: str = answer["finish_settlement"]
    return found


def actions(conn: Connection, entity_id: UUID) -> list[str]:
    """Return the audited actions on something, in order."""
    query = """
        select action from app.audit_log where entity_id = %(id)s order by created_at
    """
    return [row["action"] for row in rows(conn, query, id=entity_id)]


def news(conn: Connection, consultation_id: UUID) -> set[tuple[str, str]]:
    """Return the notifications about a consultation, as (type, target role)."""
    query = """
        select type, target_role from app.notifications
        where payload ->> 'consultation_id' = %(id)s
    """
    found = rows(conn, query, id=str(consultation_id))
    return {(row["type"], row["target_role"]) for row in found}


def assert_healthy(conn: Connection) -> None:
    """Assert that none of the guarantees is violated anywhere in the database."""
    violations = rows(conn, "select * from app.invariants()")
    assert not violations, violations
