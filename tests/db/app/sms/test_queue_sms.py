"""app.queue_sms and app.render_sms."""

from datetime import datetime
from uuid import UUID

from tests.db.helpers import NOBODY_ID, TEHRAN, violates
from tests.support.database import Connection, one, rows, value
from tests.support.factories import make_scheduled
from tests.support.roles import Person

CALL_AT = datetime(2027, 1, 2, 17, 30, tzinfo=TEHRAN)


def render(db: Connection, template: str, consultation_id: UUID = NOBODY_ID) -> str:
    """Fill in a template for a call on 2027-01-02 at half past five."""
    query = "select app.render_sms(%(template)s, %(id)s, %(start)s)"
    text: str = value(db, query, template=template, id=consultation_id, start=CALL_AT)
    return text


def test_date_and_time_are_the_clinics_in_persian_digits(db: Connection) -> None:
    assert render(db, "{date} ساعت {time}") == "۱۴۰۵/۱۰/۱۲ ساعت ۱۷:۳۰"


def test_the_consultations_id_can_be_read_to_support(db: Connection) -> None:
    assert render(db, "شناسه: {consultationId}") == f"شناسه: {NOBODY_ID}"


def test_the_configured_template_is_used(
    db: Connection, owner: Person, doctor: Person
) -> None:
    assert doctor.db_role == "app_doctor"
    consultation_id = make_scheduled(db, owner)
    query = """
        select app.render_sms(c.sms_confirmed_template, a.consultation_id, a.start_at)
        from app.system_config c, app.appointments a
    """
    body = one(db, "select body from app.sms_messages")["body"]
    assert body == value(db, query)
    assert str(consultation_id) in body
    assert "{" not in body


def test_one_event_about_one_subject_is_one_message(
    db: Connection, owner: Person
) -> None:
    query = "select app.queue_sms(%(id)s, 'TEST', %(subject)s, %(body)s)"
    for subject, body in (("1", "یک"), ("1", "دوباره"), ("2", "دو")):
        rows(db, query, id=owner.user_id, subject=subject, body=body)
    bodies = rows(db, "select body from app.sms_messages order by number")
    assert [row["body"] for row in bodies] == ["یک", "دو"]


def test_a_message_has_at_most_900_characters(db: Connection, owner: Person) -> None:
    query = "select app.queue_sms(%(id)s, 'TEST', '1', repeat('ا', %(length)s))"
    rows(db, query, id=owner.user_id, length=900)
    with violates("sms_messages_body_check"), db.transaction():
        rows(db, query.replace("'1'", "'2'"), id=owner.user_id, length=901)
