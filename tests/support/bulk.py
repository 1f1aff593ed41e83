"""Rows by the thousand, past the triggers and foreign keys."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.database import Connection, changed

# A past clinic: each consultation is paid, and its call took place.
_HISTORY = """
    with people as (
        insert into app.users (name, mobile)
        select 'سارا احمدی', '0998' || lpad(n::text, 7, '0')
        from generate_series(1, %(count)s) as n
        returning id
    ), numbered as (
        select id as user_id, app.new_id() as consultation_id, app.new_id() as seat_id,
            now() - make_interval(mins => 30 * row_number() over ()::integer) as at
        from people
    ), pets as (
        insert into app.pets (id, user_id, type, name)
        select user_id, user_id, 'CAT', 'پشمک' from numbered
    ), consultations as (
        insert into app.consultations (id, user_id, pet_id, status, base_price_toman)
        select consultation_id, user_id, user_id, 'COMPLETED', 280000 from numbered
    ), payments as (
        insert into app.payments (id, consultation_id, appointment_id, user_id,
            provider, amount_toman, authority, ref_id, status, expires_at, paid_at)
        select seat_id, consultation_id, seat_id, user_id, 'MOCK', 280000,
            seat_id::text, seat_id::text, 'VERIFIED', at, at
        from numbered
    ), slots as (
        insert into app.slots (id, start_at, end_at, capacity)
        select seat_id, at, at + interval '30 minutes', 1 from numbered
    ), log as (
        insert into app.audit_log (id, action, entity_type, entity_id)
        select seat_id, 'APPOINTMENT_COMPLETED', 'appointment', seat_id from numbered
    )
    insert into app.appointments (id, consultation_id, user_id, slot_id, slot_capacity,
        lane, start_at, end_at, status)
    select seat_id, consultation_id, user_id, seat_id, 1, 1, at,
        at + interval '30 minutes', 'COMPLETED'
    from numbered
"""


@contextmanager
def without_triggers(conn: Connection) -> Iterator[None]:
    """Be the superuser for a block, whose writes no trigger and no key looks at."""
    conn.execute("set role none; set session_replication_role = replica")
    yield
    conn.execute("set session_replication_role = origin; set role app_owner")


def load_history(conn: Connection, count: int) -> None:
    """Add so many appointments of the past, with all that belongs to them."""
    with without_triggers(conn):
        assert changed(conn, _HISTORY, count=count) == count
