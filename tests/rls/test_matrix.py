"""Role × relation × whose row, and role × function: the whole surface as two tables.

A scheduled consultation of `owner`, whose doctor is `doctor`, is looked at by all:
`stranger` and `other doctor` have nothing to do with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from tests.support.database import Connection, Database, changed, one, rows, value
from tests.support.factories import (
    make_admin,
    make_doctor,
    make_scheduled,
    make_user,
)
from tests.support.roles import Person, as_person, as_role

ROLES = ("owner", "stranger", "doctor", "other doctor", "admin", "anon")


@dataclass(frozen=True)
class Cast:
    """Everybody, by the name they have in the tables below."""

    db: Connection
    people: dict[str, Person]
    consultation_id: UUID


@pytest.fixture(scope="module")
def cast(shared_db: Database) -> Iterator[Cast]:
    """A scheduled consultation with a file, and those who look at it."""
    with shared_db.connect() as conn, conn.transaction(force_rollback=True):
        people = {
            "owner": make_user(conn, "صاحب"),
            "stranger": make_user(conn, "غریبه"),
            "doctor": make_doctor(conn, "دکتر یک"),
        }
        consultation_id = make_scheduled(conn, people["owner"])
        people["other doctor"] = make_doctor(conn, "دکتر دو")
        people["admin"] = make_admin(conn)
        statement = """
            insert into app.media (consultation_id, owner_user_id, category, purpose,
                object_key, mime_type, size_bytes)
            values (%(c)s, %(o)s, 'IMAGE', 'MEDICAL_DOC', 'key', 'image/png', 7)
        """
        changed(conn, statement, c=consultation_id, o=people["owner"].user_id)
        yield Cast(conn, people, consultation_id)


def seen(cast: Cast, role: str, relation: str) -> int | None:
    """Return how many rows somebody sees; None when they may not look at all."""
    query = f"select count(*) from {relation}"
    try:
        if role == "anon":
            with as_role(cast.db, "anon"):
                return int(value(cast.db, query))
        with as_person(cast.db, cast.people[role]):
            return int(value(cast.db, query))
    except psycopg.errors.InsufficientPrivilege:
        return None


NO = None  # 42501: not even asked

# How many rows each sees; in the order of ROLES.
VIEWS = {
    "api.me": (1, 1, 1, 1, 1, NO),
    "api.doctors": (2, 2, 2, 2, 2, NO),
    "api.pets": (1, 0, 1, 0, 1, NO),
    "api.consultations": (1, 0, 1, 0, 1, NO),
    "api.appointments": (1, 0, 1, 0, 1, NO),
    "api.media": (1, 0, 1, 0, 1, NO),
    "api.payments": (1, 0, NO, NO, 1, NO),
    "api.notifications": (2, 0, 0, 0, 2, NO),
    # The tables behind them, for whoever finds a way past the views.
    "app.users": (1, 1, 2, 1, 5, NO),
    "app.slots": (NO, NO, NO, NO, 1, NO),
    "app.refunds": (0, 0, NO, NO, 0, NO),
    "app.system_config": (NO, NO, NO, NO, 1, NO),
    "app.closures": (NO, NO, NO, NO, 0, NO),
    "app.sms_messages": (NO, NO, NO, NO, 1, NO),
    "app.credentials": (NO, NO, NO, NO, NO, NO),
    "app.sessions": (NO, NO, NO, NO, NO, NO),
    "app.refresh_tokens": (NO, NO, NO, NO, NO, NO),
    "app.sign_in_attempts": (NO, NO, NO, NO, NO, NO),
    "app.mock_bank_sessions": (NO, NO, NO, NO, NO, NO),
}


@pytest.mark.parametrize(
    ("relation", "role", "expected"),
    [
        (relation, role, count)
        for relation, counts in VIEWS.items()
        for role, count in zip(ROLES, counts, strict=True)
    ],
)
def test_everybody_sees_what_is_theirs(
    cast: Cast, relation: str, role: str, expected: int | None
) -> None:
    assert seen(cast, role, relation) == expected


def test_every_view_of_the_api_is_in_the_table(cast: Cast) -> None:
    query = """
        select format('%s.%s', schemaname, viewname) as name
        from pg_views where schemaname = 'api'
    """
    assert {row["name"] for row in rows(cast.db, query)} <= set(VIEWS)


# Columns that a role may not read though it may read others of the table.
HIDDEN_COLUMNS = [
    ("app.payments", "nonce"),
    ("app.payments", "authority"),
    ("app.payments", "raw_request"),
    ("app.payments", "raw_response"),
    ("app.media", "object_key"),
]
HIDDEN_FROM_OWNERS = [
    ("app.appointments", "lane"),
    ("app.appointments", "slot_id"),
    ("app.appointments", "assignment_reason"),
    ("app.doctors", "user_id"),
]


@pytest.mark.parametrize(
    ("role", "table", "column"),
    [
        *(
            (role, table, column)
            for role in ("owner", "doctor", "admin")
            for table, column in HIDDEN_COLUMNS
        ),
        *(
            (role, table, column)
            for role in ("owner", "doctor")
            for table, column in HIDDEN_FROM_OWNERS
        ),
    ],
)
def test_what_is_nobodys_business_can_not_be_read(
    cast: Cast, role: str, table: str, column: str
) -> None:
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        as_person(cast.db, cast.people[role]),
    ):
        rows(cast.db, f"select {column} from {table}")


def test_a_doctor_sees_whom_to_call_and_not_what_was_paid(cast: Cast) -> None:
    with as_person(cast.db, cast.people["doctor"]):
        shown = one(cast.db, "select * from api.consultations")
        query = "select name, mobile from app.users where id = %(id)s"
        owner = one(cast.db, query, id=shown["user_id"])
    assert shown["payment"] is None
    assert shown["appointment"]["doctor"] == {"display_name": "دکتر یک"}
    assert len(shown["media"]) == 1
    assert owner == {
        "name": cast.people["owner"].name,
        "mobile": cast.people["owner"].mobile,
    }


OWNERS = frozenset({"owner", "stranger"})
SIGNED_IN = frozenset(ROLES) - {"anon"}
ADMINS = frozenset({"admin"})

# Who may execute what; everybody else is told so by PostgreSQL (42501).
FUNCTIONS = {
    "create_pet": OWNERS,
    "replace_pet": OWNERS,
    "delete_pet": OWNERS,
    "create_consultation": OWNERS,
    "submit_details": OWNERS,
    "hold_slot": OWNERS,
    "release_hold": OWNERS,
    "cancel_consultation": OWNERS,
    "availability": SIGNED_IN,
    "read_notification": SIGNED_IN,
    "preview_closure": ADMINS,
    "preview_absence": ADMINS,
    "preview_deactivation": ADMINS,
}


def test_every_function_of_the_api_is_in_the_table(cast: Cast) -> None:
    query = "select proname from pg_proc where pronamespace = 'api'::regnamespace"
    assert {row["proname"] for row in rows(cast.db, query)} == set(FUNCTIONS)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_only_those_who_should_may_execute(
    cast: Cast, function: str, role: str
) -> None:
    db_role = "anon" if role == "anon" else cast.people[role].db_role
    query = """
        select has_function_privilege(%(role)s, oid, 'execute') from pg_proc
        where pronamespace = 'api'::regnamespace and proname = %(name)s
    """
    allowed = value(cast.db, query, role=db_role, name=function)
    assert allowed == (role in FUNCTIONS[function])


@pytest.mark.parametrize("schema", ["app", "sidecar"])
@pytest.mark.parametrize("db_role", ["anon", "app_user", "app_doctor"])
def test_no_private_function_writes_for_a_caller(
    cast: Cast, schema: str, db_role: str
) -> None:
    """What callers may execute in the private schemas only reads."""
    query = """
        select proname from pg_proc
        where pronamespace = %(schema)s::regnamespace and provolatile = 'v'
          and has_function_privilege(%(role)s, oid, 'execute')
    """
    assert rows(cast.db, query, schema=schema, role=db_role) == []


@pytest.mark.parametrize("role", ROLES)
def test_nobody_writes_a_table_directly(cast: Cast, role: str) -> None:
    db_role = "anon" if role == "anon" else cast.people[role].db_role
    query = """
        select c.oid::regclass::text as name from pg_class c
        where c.relnamespace in ('app'::regnamespace, 'api'::regnamespace)
          and c.relkind in ('r', 'v')
          and (has_table_privilege(%(role)s, c.oid, 'insert, delete, truncate')
               or has_any_column_privilege(%(role)s, c.oid, 'update'))
    """
    assert rows(cast.db, query, role=db_role) == []


def test_row_security_holds_for_the_owner_of_the_tables_too(cast: Cast) -> None:
    query = """
        select relname from pg_class
        where relnamespace = 'app'::regnamespace and relkind = 'r'
          and not (relrowsecurity and relforcerowsecurity)
    """
    assert rows(cast.db, query) == []


def test_claims_without_a_matching_role_see_nothing_of_others(cast: Cast) -> None:
    """Row-level security reads the claims alone: a wrong subject finds nothing."""
    with as_role(cast.db, "app_user", {"sub": str(cast.consultation_id)}):
        for view in ("pets", "consultations", "appointments", "payments", "media"):
            name = sql.Identifier("api", view)
            query = sql.SQL("select from {}").format(name)
            assert cast.db.execute(query).fetchall() == []
