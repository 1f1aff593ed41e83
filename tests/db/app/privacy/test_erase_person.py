"""Forgetting a person on request: what goes, what stays, and when it is refused."""

from uuid import UUID

import pytest

from tests.db.helpers import assert_healthy, call
from tests.support.database import Connection, changed, one, rows, value
from tests.support.factories import (
    MESSAGE,
    make_consultation,
    make_pet,
    make_scheduled,
    make_user,
    new_mobile,
    settle,
    start_payment,
)
from tests.support.roles import Person, refused

# Every column of text or JSON in which a person could still be found.
COLUMNS = """
    select n.nspname || '.' || c.relname as table, quote_ident(a.attname) as column
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid and c.relkind = 'r'
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'app'
    where a.attnum > 0 and not a.attisdropped
      and a.atttypid in ('text'::regtype, 'jsonb'::regtype)
"""


def traces(db: Connection, word: str) -> set[str]:
    """Return the columns that hold a word anywhere."""
    return {
        f"{row['table']}.{row['column']}"
        for row in rows(db, COLUMNS)
        if value(
            db,
            f"select exists (select from {row['table']}"
            f" where {row['column']}::text like %(word)s)",
            word=f"%{word}%",
        )
    }


def mobile_of(db: Connection, person: Person) -> str:
    """Return the person's mobile."""
    query = "select mobile from app.users where id = %(id)s"
    return str(value(db, query, id=person.user_id))


def erase(db: Connection, admin: Person, person: Person) -> None:
    """Erase somebody as an admin."""
    call(db, admin, "api.erase_user", user_id=person.user_id)


@pytest.fixture
def served(db: Connection, owner: Person, doctor: Person, admin: Person) -> UUID:
    """A consultation of the owner's that was paid, and has taken place."""
    del doctor, admin
    consultation_id = make_scheduled(db, owner)
    changed(db, "update app.appointments set start_at = start_at, status = 'COMPLETED'")
    changed(db, "update app.consultations set status = 'COMPLETED'")
    return consultation_id


def test_nothing_tells_any_more_who_it_was(
    db: Connection, served: UUID, owner: Person, admin: Person
) -> None:
    make_pet(db, owner, "فندق‌خان")
    mobile = mobile_of(db, owner)
    media = """
        insert into app.media (consultation_id, owner_user_id, category, purpose,
            object_key, mime_type, size_bytes)
        values (%(c)s, %(o)s, 'IMAGE', 'OTHER', 'key', 'image/png', 7)
    """
    if not rows(db, "select from app.media"):
        changed(db, media, c=served, o=owner.user_id)
    words = (mobile, "فندق‌خان", MESSAGE)
    assert all(traces(db, word) for word in words)

    erase(db, admin, owner)

    assert {word: traces(db, word) for word in words} == {word: set() for word in words}
    assert rows(db, "select from app.media") == []
    assert rows(db, "select from app.credentials where user_id = %(id)s",
                id=owner.user_id) == []  # fmt: skip


def test_the_ledger_and_the_audit_trail_stay(
    db: Connection, served: UUID, owner: Person, admin: Person
) -> None:
    ledger = """
        select amount_toman, authority, ref_id, status, paid_at from app.payments
        where consultation_id = %(id)s
    """
    trail = "select count(*) from app.audit_log where actor_user_id = %(id)s"
    paid, lines = one(db, ledger, id=served), value(db, trail, id=owner.user_id)
    erase(db, admin, owner)
    assert one(db, ledger, id=served) == paid
    assert value(db, trail, id=owner.user_id) == lines
    erased = one(db, "select * from app.audit_log where action = 'USER_ERASED'")
    assert (erased["actor_user_id"], erased["entity_id"]) == (
        admin.user_id,
        owner.user_id,
    )
    assert_healthy(db)


def test_the_session_ends_at_once_and_the_mobile_is_free_again(
    db: Connection, owner: Person, admin: Person
) -> None:
    mobile = mobile_of(db, owner)
    erase(db, admin, owner)
    with refused("UNAUTHENTICATED"):
        call(db, owner, "app.check_request")
    statement = "insert into app.users (name, mobile) values ('تازه', %(mobile)s)"
    assert changed(db, statement, mobile=mobile) == 1


def test_what_was_begun_is_canceled(
    db: Connection, described: UUID, owner: Person, admin: Person
) -> None:
    erase(db, admin, owner)
    query = "select status, message_text from app.consultations where id = %(id)s"
    assert one(db, query, id=described) == {"status": "CANCELED", "message_text": None}


def test_who_has_an_appointment_to_come_is_not_forgotten(
    db: Connection, owner: Person, doctor: Person, admin: Person
) -> None:
    del doctor
    make_scheduled(db, owner)
    with refused("CONFLICT") as refusal:
        erase(db, admin, owner)
    assert refusal.details == {"reasons": ["LIVE_APPOINTMENT"]}


def test_nor_who_is_paying(
    db: Connection, payment: UUID, owner: Person, admin: Person
) -> None:
    del payment
    with refused("CONFLICT") as refusal:
        erase(db, admin, owner)
    assert refusal.details == {"reasons": ["LIVE_APPOINTMENT", "OPEN_PAYMENT"]}


def test_nor_who_is_owed_money(
    db: Connection, held: UUID, owner: Person, admin: Person
) -> None:
    payment_id = start_payment(db, owner, held)
    call(db, owner, "api.cancel_consultation", consultation_id=held)
    settle(db, payment_id)
    with refused("CONFLICT") as refusal:
        erase(db, admin, owner)
    assert refusal.details == {"reasons": ["REFUND_DUE"]}


def test_staff_are_not_forgotten_here(
    db: Connection, doctor: Person, admin: Person
) -> None:
    with refused("CONFLICT") as refusal:
        erase(db, admin, doctor)
    assert refusal.details == {"reasons": ["IS_STAFF"]}


def test_the_forgotten_are_unknown(
    db: Connection, owner: Person, admin: Person
) -> None:
    erase(db, admin, owner)
    with refused("NOT_FOUND"):
        erase(db, admin, owner)


def test_a_late_payment_of_a_forgotten_person_is_still_refunded(
    db: Connection, held: UUID, owner: Person, admin: Person
) -> None:
    """Late truth wins, and no message goes to a phone that is not there."""
    payment_id = start_payment(db, owner, held)
    settle(db, payment_id, "NOT_PAID")
    erase(db, admin, owner)
    assert settle(db, payment_id) == "VERIFIED"
    query = "select reason, status from app.refunds where payment_id = %(id)s"
    refund = one(db, query, id=payment_id)
    assert refund == {"reason": "CONSULTATION_CLOSED", "status": "DUE"}
    assert rows(db, "select from app.sms_messages") == []
    assert_healthy(db)


def test_an_export_holds_all_of_it_and_nothing_of_ours(
    db: Connection, served: UUID, owner: Person, admin: Person
) -> None:
    stranger = make_user(db, "غریبه")
    make_consultation(db, stranger)
    record = call(db, admin, "api.export_user", user_id=owner.user_id)["export_user"]
    assert record["user"]["mobile"] == mobile_of(db, owner)
    assert [row["id"] for row in record["consultations"]] == [str(served)]
    assert record["consultations"][0]["message_text"] == MESSAGE
    assert record["payments"][0]["status"] == "VERIFIED"
    for part in ("sessions", "pets", "appointments", "sms_messages", "audit_log"):
        assert record[part], part
    assert mobile_of(db, stranger) not in str(record)
    assert not {"nonce", "password_hash", "object_key"} & set(record["payments"][0])
    exported = one(db, "select * from app.audit_log where action = 'USER_EXPORTED'")
    assert exported["actor_user_id"] == admin.user_id


@pytest.fixture
def heir(db: Connection, served: UUID, owner: Person, admin: Person) -> Person:
    """Who has the number now that the owner had when the messages were written."""
    del served
    number = mobile_of(db, owner)
    call(db, admin, "api.update_user", user_id=owner.user_id, mobile=new_mobile())
    return make_user(db, "وارث شماره", number)


def test_messages_belong_to_whom_they_were_written_to_whatever_their_number(
    db: Connection, owner: Person, heir: Person, admin: Person
) -> None:
    """A number is given up and given to somebody else: theirs is another record."""
    for person, has_any in ((owner, True), (heir, False)):
        answer = call(db, admin, "api.export_user", user_id=person.user_id)
        assert bool(answer["export_user"]["sms_messages"]) == has_any


def test_erasing_takes_a_persons_messages_from_every_number_and_no_one_elses(
    db: Connection, owner: Person, heir: Person, admin: Person
) -> None:
    erase(db, admin, heir)
    assert rows(db, "select from app.sms_messages")
    erase(db, admin, owner)
    assert rows(db, "select from app.sms_messages") == []
