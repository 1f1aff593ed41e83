"""The people of the matrix, and what belongs to each of the two sides."""

from dataclasses import dataclass
from uuid import UUID

from tests.rls.surface import Entry
from tests.support.database import Connection, changed, one, value
from tests.support.factories import (
    make_admin,
    make_doctor,
    make_scheduled,
    make_user,
)
from tests.support.roles import Person


@dataclass(frozen=True)
class Side:
    """An owner who has paid, their doctor, an admin, and what exists because of them.

    Attributes:
        people: by the role that they have in the table.
        things: ids, by the name that they have in the table.
    """

    people: dict[str, Person]
    things: dict[str, UUID]

    def key(self, entry: Entry, role: str) -> UUID:
        """Return the id of the entry's thing; `self` is whoever looks."""
        if entry.thing == "self":
            return self.people[role].user_id
        return self.things[entry.thing]


@dataclass(frozen=True)
class Cast:
    """Both sides, in one database."""

    db: Connection
    sides: tuple[Side, Side]


def make_cast(db: Connection) -> Cast:
    """Make both sides; the second doctor is free when the second owner pays."""
    return Cast(db, (_make_side(db, "یک"), _make_side(db, "دو")))


def _make_side(db: Connection, name: str) -> Side:
    people = {
        "user": make_user(db, f"صاحب {name}"),
        "doctor": make_doctor(db, f"دکتر {name}"),
        "admin": make_admin(db, f"مدیر {name}"),
    }
    consultation_id = make_scheduled(db, people["user"])
    things = _things(db, consultation_id)
    assert things.pop("doctor_user") == people["doctor"].user_id
    return Side(people, things)


def _things(db: Connection, consultation_id: UUID) -> dict[str, UUID]:
    query = """
        select c.id as consultation, c.user_id as owner, c.pet_id as pet,
            a.id as appointment, a.slot_id as slot, d.id as doctor,
            d.user_id as doctor_user, p.id as payment
        from app.consultations c
        join app.appointments a on a.consultation_id = c.id
        join app.doctors d on d.id = a.doctor_id
        join app.payments p on p.appointment_id = a.id
        where c.id = %(id)s
    """
    things = one(db, query, id=consultation_id)
    return things | {
        "media": _add_media(db, things["consultation"], things["owner"]),
        "refund": _add_refund(db, things["payment"]),
        "notification": _news(db, "PAYMENT_SUCCESS", things["consultation"]),
        "news": _news(db, "NEW_CONSULTATION", things["consultation"]),
        "absence": _add_absence(db, things["doctor"]),
        "closure": _add_closure(db),
        "sms": value(
            db,
            "select id from app.sms_messages where subject = %(id)s",
            id=str(things["appointment"]),
        ),
    }


def _add_media(db: Connection, consultation_id: UUID, owner_id: UUID) -> UUID:
    statement = """
        insert into app.media (consultation_id, owner_user_id, category, purpose,
            object_key, mime_type, size_bytes)
        values (%(consultation)s, %(owner)s, 'IMAGE', 'MEDICAL_DOC', %(key)s,
            'image/png', 7)
        returning id
    """
    key = str(consultation_id)
    media_id: UUID = value(
        db, statement, consultation=consultation_id, owner=owner_id, key=key
    )
    return media_id


def _add_refund(db: Connection, payment_id: UUID) -> UUID:
    statement = """
        insert into app.refunds (payment_id, payment_amount_toman, amount_toman, reason)
        select id, amount_toman, 1000, 'GOODWILL' from app.payments where id = %(id)s
    """
    assert changed(db, statement, id=payment_id) == 1
    query = "select id from app.refunds where payment_id = %(id)s"
    refund_id: UUID = value(db, query, id=payment_id)
    return refund_id


def _add_absence(db: Connection, doctor_id: UUID) -> UUID:
    statement = """
        insert into app.doctor_absences (doctor_id, start_at, end_at)
        values (%(doctor)s, '2001-01-01', '2001-01-02') returning id
    """
    absence_id: UUID = value(db, statement, doctor=doctor_id)
    return absence_id


def _add_closure(db: Connection) -> UUID:
    statement = """
        insert into app.closures (start_at, end_at, reason)
        values ('2001-01-01', '2001-01-02', 'نوروز') returning id
    """
    closure_id: UUID = value(db, statement)
    return closure_id


def _news(db: Connection, kind: str, consultation_id: UUID) -> UUID:
    query = """
        select id from app.notifications
        where type = %(kind)s and payload ->> 'consultation_id' = %(id)s
    """
    news_id: UUID = value(db, query, kind=kind, id=str(consultation_id))
    return news_id
