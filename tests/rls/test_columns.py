"""Which columns of a row that somebody sees are still not theirs to read."""

import psycopg
import pytest
from psycopg import sql

from tests.rls.asking import acting
from tests.rls.cast import Cast
from tests.support.database import one, rows
from tests.support.roles import as_role

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
            for role in ("user", "doctor", "admin")
            for table, column in HIDDEN_COLUMNS
        ),
        *(
            (role, table, column)
            for role in ("user", "doctor")
            for table, column in HIDDEN_FROM_OWNERS
        ),
    ],
)
def test_what_is_nobodys_business_can_not_be_read(
    cast: Cast, role: str, table: str, column: str
) -> None:
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        acting(cast, cast.sides[0], role),
    ):
        rows(cast.db, f"select {column} from {table}")


def test_a_doctor_sees_whom_to_call_and_not_what_was_paid(cast: Cast) -> None:
    side = cast.sides[0]
    with acting(cast, side, "doctor"):
        shown = one(cast.db, "select * from api.consultations")
        query = "select name, mobile from app.users where id = %(id)s"
        owner = one(cast.db, query, id=shown["user_id"])
    assert shown["payment"] is None
    assert shown["appointment"]["doctor"]["display_name"] == "دکتر یک"
    assert len(shown["media"]) == 1
    assert owner == {
        "name": side.people["user"].name,
        "mobile": side.people["user"].mobile,
    }


def test_claims_without_a_matching_role_see_nothing_of_others(cast: Cast) -> None:
    """Row-level security reads the claims alone: a wrong subject finds nothing."""
    wrong = {"sub": str(cast.sides[0].things["consultation"])}
    with as_role(cast.db, "app_user", wrong):
        for view in ("pets", "consultations", "appointments", "payments", "media"):
            name = sql.Identifier("api", view)
            query = sql.SQL("select from {}").format(name)
            assert cast.db.execute(query).fetchall() == []
