"""Rows by the thousand, past the triggers and foreign keys."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.database import Connection, changed

_FIRST_NAMES = [
    "سارا",
    "رضا",
    "مریم",
    "علی",
    "نگار",
    "حسین",
    "زهرا",
    "امیر",
    "لیلا",
    "بهرام",
]
_LAST_NAMES = [
    "احمدی",
    "کریمی",
    "کاظمی",
    "رضایی",
    "موسوی",
    "جعفری",
    "قاسمی",
    "نوری",
    "شریفی",
]
# A past clinic: each consultation is paid, and its call took place.
_HISTORY = """
    with people as (
        insert into app.users (name, mobile)
        select (%(first)s::text[])[1 + n %% 10] || ' '
            || (%(last)s::text[])[1 + n %% 9], '0998' || lpad(n::text, 7, '0')
        from generate_series(1, %(count)s) as n
        returning id
    ), numbered as (
        select id as user_id, app.new_id() as consultation_id, app.new_id() as seat_id,
            n, now() - make_interval(mins => 30 * n::integer) as at
        from (select id, row_number() over () as n from people) p
    ), pets as (
        insert into app.pets (id, user_id, type, name)
        select user_id, user_id,
            case n %% 3 when 0 then 'DOG' else 'CAT' end::app.pet_type, 'پشمک'
        from numbered
    ), consultations as (
        insert into app.consultations (id, user_id, pet_id, status, base_price_toman,
            message_text, created_at)
        select consultation_id, user_id, user_id, 'COMPLETED', 280000,
            'از دیروز غذا نمی‌خورد، و بی‌حال است.', at
        from numbered
    ), payments as (
        insert into app.payments (id, consultation_id, appointment_id, user_id,
            provider, amount_toman, authority, ref_id, status, expires_at, paid_at,
            created_at)
        select seat_id, consultation_id, seat_id, user_id, 'MOCK', 280000,
            seat_id::text, seat_id::text, 'VERIFIED', at, at, at
        from numbered
    ), slots as (
        insert into app.slots (id, start_at, end_at, capacity)
        select seat_id, at, at + interval '30 minutes', 1 from numbered
    ), log as (
        insert into app.audit_log (id, action, entity_type, entity_id)
        select seat_id, 'APPOINTMENT_COMPLETED', 'appointment', seat_id from numbered
    ), doctors as (
        select array_agg(id order by id) as ids, count(*) as count from app.doctors
        where %(has_doctors)s
    )
    insert into app.appointments (id, consultation_id, user_id, slot_id, slot_capacity,
        lane, doctor_id, assigned_at, start_at, end_at, status)
    select seat_id, consultation_id, user_id, seat_id, 1, 1,
        d.ids[1 + n %% greatest(d.count, 1)], case when d.count > 0 then at end, at,
        at + interval '30 minutes', 'COMPLETED'
    from numbered, doctors d
"""


@contextmanager
def without_triggers(conn: Connection) -> Iterator[None]:
    """Be the superuser for a block, whose writes no trigger and no key looks at."""
    conn.execute("set role none; set session_replication_role = replica")
    yield
    conn.execute("set session_replication_role = origin; set role app_owner")


def load_history(conn: Connection, count: int, *, has_doctors: bool = False) -> None:
    """Add so many appointments of the past, with all that belongs to them.

    Args:
        conn: that may become the superuser.
        count: how many, half an hour apart, each with an owner of its own.
        has_doctors: whether the doctors that there are have had them in turn.
    """
    values = {"first": _FIRST_NAMES, "last": _LAST_NAMES, "has_doctors": has_doctors}
    with without_triggers(conn):
        assert changed(conn, _HISTORY, count=count, **values) == count
