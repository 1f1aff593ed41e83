"""G6: the audit log is append-only, and no change of state goes without its line."""

import psycopg
import pytest

from tests.db.helpers import actions
from tests.support.database import Connection, changed, one, rows, value
from tests.support.factories import make_consultation, make_scheduled
from tests.support.roles import Person, as_person, as_role


@pytest.mark.parametrize(
    "statement",
    [
        "update app.audit_log set action = 'NOTHING'",
        "update app.audit_log set meta = '{}' where false",
        "delete from app.audit_log",
        "truncate app.audit_log",
    ],
)
def test_what_was_logged_is_not_changed(
    db: Connection, owner: Person, statement: str
) -> None:
    before = actions(db, owner.user_id)
    with pytest.raises(psycopg.errors.RestrictViolation), db.transaction():
        db.execute(statement.encode())
    assert actions(db, owner.user_id) == before


@pytest.mark.parametrize("role", ["app_user", "app_doctor", "app_admin", "sidecar"])
def test_nobody_writes_into_the_log_by_hand(db: Connection, role: str) -> None:
    statement = """
        insert into app.audit_log (action, entity_type) values ('FORGED', 'user')
    """
    with pytest.raises(psycopg.errors.InsufficientPrivilege), as_role(db, role):
        db.execute(statement)


def test_a_change_by_raw_sql_is_logged_too(db: Connection, owner: Person) -> None:
    consultation_id = make_consultation(db, owner)
    changed(db, "update app.consultations set status = 'CANCELED'")
    assert actions(db, consultation_id)[-1] == "CONSULTATION_CANCELED"
    query = """
        select actor_user_id, meta from app.audit_log order by created_at desc limit 1
    """
    assert one(db, query) == {
        "actor_user_id": None,
        "meta": {"from": "DETAILS_SUBMITTED", "to": "CANCELED"},
    }


def test_a_statement_writes_a_line_for_each_row_that_it_changes(
    db: Connection, owner: Person
) -> None:
    changing = [make_consultation(db, owner) for _ in range(3)]
    kept = make_consultation(db, owner)
    before = actions(db, kept)
    statement = """
        update app.consultations
        set status = case when id = %(kept)s then status else 'CANCELED' end
    """
    changed(db, statement, kept=kept)
    for consultation_id in changing:
        assert actions(db, consultation_id)[-1] == "CONSULTATION_CANCELED"
    assert actions(db, kept) == before


def test_a_refused_change_leaves_no_line(db: Connection, owner: Person) -> None:
    consultation_id = make_consultation(db, owner)
    before = actions(db, consultation_id)
    with pytest.raises(psycopg.Error), db.transaction():
        changed(db, "update app.consultations set status = 'COMPLETED'")
    assert actions(db, consultation_id) == before


def test_the_actor_and_the_request_come_from_the_caller(
    db: Connection, owner: Person
) -> None:
    headers = {"x-request-id": "req-7", "x-real-ip": "192.0.2.44"}
    with as_role(db, owner.db_role, owner.claims, headers):
        pet_id = value(db, "select id from api.create_pet('CAT', 'ملوس')")
    query = "select actor_user_id, meta from app.audit_log where entity_id = %(id)s"
    assert one(db, query, id=pet_id) == {
        "actor_user_id": owner.user_id,
        "meta": {"request_id": "req-7", "ip": "192.0.2.44"},
    }


def test_a_whole_journey_is_logged_without_names_mobiles_or_texts(
    db: Connection, owner: Person, doctor: Person
) -> None:
    consultation_id = make_scheduled(db, owner)
    text = value(db, "select message_text from app.consultations")
    logged = value(db, "select string_agg(meta::text, ' ') from app.audit_log")
    for private in (owner.name, owner.mobile, doctor.name, doctor.mobile, text):
        assert private not in logged
    assert actions(db, consultation_id)[-1] == "CONSULTATION_SCHEDULED"


def test_only_admins_read_the_log(
    db: Connection, owner: Person, doctor: Person, admin: Person
) -> None:
    with as_person(db, admin):
        assert rows(db, "select * from app.audit_log")
    for person in (owner, doctor):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            as_person(db, person),
        ):
            rows(db, "select * from app.audit_log")
