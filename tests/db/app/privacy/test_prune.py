"""What is kept only for a time, and what for good."""

from datetime import timedelta
from uuid import UUID

from tests.support.database import Connection, changed, one, value
from tests.support.roles import Person


def test_messages_and_news_are_kept_as_long_as_the_settings_say(
    db: Connection, owner: Person
) -> None:
    assert changed(db, "update app.system_config set message_retention_days = 30")
    sms = """
        insert into app.sms_messages (event, subject, recipient, body, status,
            created_at)
        values ('TEST', 'old', '09121234567', 'x', 'SENT', now() - interval '31 d'),
               ('TEST', 'due', '09121234567', 'x', 'QUEUED', now() - interval '31 d'),
               ('TEST', 'new', '09121234567', 'x', 'SENT', now() - interval '29 days')
    """
    news = """
        insert into app.notifications (target_role, user_id, type, created_at)
        values ('USER', %(id)s, 'REFUNDED', now() - %(age)s)
    """
    assert changed(db, sms) == 3
    for days in (29, 31):
        assert changed(db, news, id=owner.user_id, age=timedelta(days=days)) == 1
    assert value(db, "select app.prune_messages()") == 2
    assert value(db, "select app.prune_messages()") == 0
    left = "select array_agg(subject order by subject) from app.sms_messages"
    assert value(db, left) == ["due", "new"]


def test_texts_stay_until_somebody_says_for_how_long(
    db: Connection, described: UUID
) -> None:
    old = """
        update app.consultations
        set status = 'CANCELED', created_at = created_at - interval '10 years'
    """
    assert changed(db, old)
    assert value(db, "select app.prune_medical_data()") == 0
    assert changed(db, "update app.system_config set medical_retention_days = 365")
    assert value(db, "select app.prune_medical_data()") == 1
    assert value(db, "select app.prune_medical_data()") == 0
    query = "select message_text from app.consultations where id = %(id)s"
    assert one(db, query, id=described) == {"message_text": None}


def test_what_has_not_ended_is_left_alone(db: Connection, described: UUID) -> None:
    del described
    old = "update app.consultations set created_at = created_at - interval '10 years'"
    assert changed(db, old)
    assert changed(db, "update app.system_config set medical_retention_days = 365")
    assert value(db, "select app.prune_medical_data()") == 0
