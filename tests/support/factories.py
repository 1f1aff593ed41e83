"""People, pets and consultations, made the way the system makes them.

Each factory calls the functions that a request would call, as the role that would call
them. The names are Persian, as in life.
"""

from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

from tests.support.database import Connection, one, rows, value
from tests.support.roles import Person, as_person, as_role

MESSAGE = "سگم از دیروز غذا نمی‌خورد و بی‌حال است. لطفاً راهنمایی کنید."
# Nobody signs in with it: the database only stores and compares hashes.
PASSWORD_HASH = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$bm90IGEgcmVhbCBoYXNo"

_numbers = count(1)


def new_mobile() -> str:
    """Return a mobile number that this test run has not used."""
    return f"0912{next(_numbers):07}"


def make_user(
    conn: Connection, name: str = "سارا احمدی", mobile: str | None = None
) -> Person:
    """Register a pet owner, who is signed in by that."""
    with as_role(conn, "sidecar"):
        grant = one(
            conn,
            "select * from sidecar.register(%(name)s, %(mobile)s, %(hash)s, '30 days')",
            name=name,
            mobile=mobile or new_mobile(),
            hash=PASSWORD_HASH,
        )
    return _person(grant)


def make_admin(conn: Connection, name: str = "مدیر کلینیک") -> Person:
    """Make an admin, and sign them in."""
    return _make_staff(conn, "ADMIN", name)


def make_doctor(conn: Connection, name: str = "دکتر مینا رضایی") -> Person:
    """Make a doctor, which adds a place to every future slot, and sign them in."""
    return _make_staff(conn, "DOCTOR", name)


def sign_in(conn: Connection, user_id: UUID) -> Person:
    """Open another session for somebody."""
    with as_role(conn, "sidecar"):
        query = "select * from sidecar.sign_in(%(user_id)s, %(hash)s, '30 days')"
        return _person(one(conn, query, user_id=user_id, hash=PASSWORD_HASH))


def make_pet(conn: Connection, owner: Person, name: str = "پشمک") -> UUID:
    """Register a cat for `owner` and return its id."""
    with as_person(conn, owner):
        query = "select id from api.create_pet(type => 'CAT', name => %(name)s)"
        pet_id: UUID = value(conn, query, name=name)
    return pet_id


def make_consultation(
    conn: Connection,
    owner: Person,
    pet_id: UUID | None = None,
    *,
    with_details: bool = True,
) -> UUID:
    """Begin a consultation and return its id.

    Args:
        conn: of a session user who may become anybody.
        owner: whose it is.
        pet_id: one of the owner's; a new one by default.
        with_details: DETAILS_SUBMITTED, so that a slot can be held; else a DRAFT.
    """
    pet_id = pet_id or make_pet(conn, owner)
    with as_person(conn, owner):
        query = "select id from api.create_consultation(%(pet_id)s)"
        consultation_id: UUID = value(conn, query, pet_id=pet_id)
        if with_details:
            rows(
                conn,
                "select * from api.submit_details(%(consultation_id)s, %(text)s)",
                consultation_id=consultation_id,
                text=MESSAGE,
            )
    return consultation_id


def free_slots(conn: Connection, person: Person) -> list[datetime]:
    """Return the starts of the slots that `person` could take now, in order.

    Today's are left out: one of them might begin while the test runs.
    """
    with as_person(conn, person):
        # check_request has set the clinic's zone: current_date is its date.
        calendar = value(
            conn, "select api.availability(current_date + 1, current_date + 31)"
        )
    slots = [slot for day in calendar["days"] for slot in day["slots"]]
    return [
        datetime.fromisoformat(slot["start_at"])
        for slot in slots
        if not slot["is_full"] and slot["unavailable_reason"] is None
    ]


def hold_slot(
    conn: Connection,
    owner: Person,
    consultation_id: UUID,
    start_at: datetime | None = None,
) -> dict[str, Any]:
    """Hold a slot, the first free one by default, and return the appointment.

    There must be a doctor (`make_doctor`), or no slot is free.
    """
    start_at = start_at or free_slots(conn, owner)[0]
    with as_person(conn, owner):
        return one(
            conn,
            "select * from api.hold_slot(%(consultation_id)s, %(start_at)s)",
            consultation_id=consultation_id,
            start_at=start_at,
        )


def start_payment(conn: Connection, owner: Person, consultation_id: UUID) -> UUID:
    """Send the owner of a held slot to the mock bank.

    Returns:
        The id of the attempt, which is PENDING.
    """
    with as_role(conn, "sidecar", owner.claims):
        payment = one(
            conn,
            "select * from sidecar.begin_payment(%(consultation_id)s, 'MOCK')",
            consultation_id=consultation_id,
        )
        authority = value(
            conn,
            "select sidecar.mock_request(%(payment_id)s, %(amount_toman)s, %(url)s)",
            payment_id=payment["payment_id"],
            amount_toman=payment["amount_toman"],
            url="http://127.0.0.1/api/v1/payments/callback/zarinpal",
        )
        value(
            conn,
            "select sidecar.record_authority(%(id)s, %(authority)s, '{}', '{}')",
            id=payment["payment_id"],
            authority=authority,
        )
    payment_id: UUID = payment["payment_id"]
    return payment_id


def settle(conn: Connection, payment_id: UUID, outcome: str = "PAID") -> str:
    """Record the gateway's answer (PAID, NOT_PAID, UNKNOWN) after a genuine callback.

    Returns:
        The payment's status after it.
    """
    with as_role(conn, "sidecar"):
        query = "select * from sidecar.begin_settlement(%(payment_id)s, '30 seconds')"
        lease = one(conn, query, payment_id=payment_id)
        status: str = value(
            conn,
            """
            select sidecar.finish_settlement(%(payment_id)s, %(token)s, %(outcome)s,
                is_genuine => true, ref_id => %(ref_id)s,
                card_pan => '502229******5995', raw_response => '{}')
            """,
            payment_id=payment_id,
            token=lease["lease_token"],
            outcome=outcome,
            ref_id=str(next(_numbers)),
        )
    return status


def make_scheduled(conn: Connection, owner: Person) -> UUID:
    """Play the whole journey: a paid consultation with a confirmed appointment."""
    consultation_id = make_consultation(conn, owner)
    hold_slot(conn, owner, consultation_id)
    settle(conn, start_payment(conn, owner, consultation_id))
    return consultation_id


def _make_staff(conn: Connection, role: str, name: str) -> Person:
    """Make somebody the way the staff command does, as app_owner."""
    with as_role(conn, "app_owner"):
        query = "select app.create_user(%(role)s, %(name)s, %(mobile)s, %(hash)s)"
        user_id = value(
            conn, query, role=role, name=name, mobile=new_mobile(), hash=PASSWORD_HASH
        )
    return sign_in(conn, user_id)


def _person(grant: dict[str, Any]) -> Person:
    """Make a person of a session_grant."""
    fields = ("user_id", "session_id", "db_role", "name", "mobile")
    return Person(**{name: grant[name] for name in fields})
