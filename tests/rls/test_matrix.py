"""Role × object × operation × whose row, generated from the tables in `surface`."""

import pytest
from psycopg import sql

from tests.rls.asking import attempt, keys, outcome
from tests.rls.cast import Cast
from tests.rls.surface import (
    ALL,
    CLOSED,
    FUNCTIONS,
    NONE,
    OWN,
    ROLES,
    TABLES,
    VIEWS,
    Function,
    Relation,
)
from tests.support.database import rows

_SIDES = (0, 1)
_RELATIONS = [*VIEWS, *TABLES]
_WRITES = {
    "insert": "insert into {relation} default values",
    "update": "update {relation} set {key} = {key} where {key} = {id}",
    "delete": "delete from {relation} where {key} = {id}",
    "truncate": "truncate {relation}",
}


def _label(argument: object) -> str | None:
    """Name a line of the table in the test's id."""
    if isinstance(argument, Relation | Function):
        return f"{argument.name}-{argument.thing or 'nobody'}"
    return None


@pytest.mark.parametrize("mine", _SIDES)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("relation", _RELATIONS, ids=_label)
def test_a_role_reads_as_far_as_the_table_says(
    cast: Cast, relation: Relation, role: str, mine: int
) -> None:
    side, other = cast.sides[mine], cast.sides[1 - mine]
    seen, reach = keys(cast, side, role, relation), relation.reach(role)
    assert (seen is None) == (reach is CLOSED)
    if seen is None or not relation.thing:
        return
    assert (side.key(relation, role) in seen) == (reach in {OWN, ALL})
    assert (other.key(relation, role) in seen) == (reach is ALL)
    if reach is OWN:  # neither what was asked for nor anything else is shared
        assert seen & (keys(cast, other, role, relation) or set()) == set()


@pytest.mark.parametrize("whose", _SIDES)
@pytest.mark.parametrize("operation", _WRITES)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("relation", VIEWS, ids=_label)
def test_nobody_writes_past_the_functions(
    cast: Cast, relation: Relation, role: str, operation: str, whose: int
) -> None:
    key = cast.sides[whose].key(relation, "user") if relation.thing else None
    statement = sql.SQL(_WRITES[operation]).format(
        relation=sql.Identifier(*relation.qualified.split(".")),
        key=sql.Identifier(relation.key),
        id=sql.Literal(key),
    )
    # 42809: PostgreSQL truncates no view. 55000: nor does it write one that joins.
    expected = {"42809"} if operation == "truncate" else {"42501", "55000"}
    assert attempt(cast, cast.sides[0], role, statement) in expected


@pytest.mark.parametrize("whose", _SIDES)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("function", FUNCTIONS, ids=_label)
def test_a_function_reaches_as_far_as_the_table_says(
    cast: Cast, function: Function, role: str, whose: int
) -> None:
    key = cast.sides[whose].key(function, "user") if function.thing else None
    said, reach = (
        outcome(cast, cast.sides[0], role, function, key),
        function.reach(role),
    )
    if reach is CLOSED:
        assert said == "42501"
    elif reach is NONE or (reach is OWN and whose == 1):
        assert said == "NOT_FOUND"
    else:  # done, or refused for what the thing's state is: it was found
        assert said in {"OK", "INVALID_STATE", "CONFLICT", "SLOT_FULL"}


def test_every_view_of_the_api_is_in_the_table(cast: Cast) -> None:
    query = "select viewname from pg_views where schemaname = 'api'"
    found = {row["viewname"] for row in rows(cast.db, query)}
    assert found == {view.name for view in VIEWS}


def test_every_function_of_the_api_is_in_the_table(cast: Cast) -> None:
    query = "select proname from pg_proc where pronamespace = 'api'::regnamespace"
    found = {row["proname"] for row in rows(cast.db, query)}
    assert found == {function.name for function in FUNCTIONS}


def test_every_table_that_anybody_may_read_is_in_the_table(cast: Cast) -> None:
    query = """
        select distinct c.oid::regclass::text as name
        from pg_class c, unnest(array['anon', 'app_user', 'app_doctor', 'app_admin']) r
        where c.relnamespace = 'app'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
          and has_any_column_privilege(r, c.oid, 'select')
    """
    found = {row["name"] for row in rows(cast.db, query)}
    assert found == {table.name for table in TABLES}


def test_a_new_view_without_a_line_is_noticed(cast: Cast) -> None:
    with cast.db.transaction(force_rollback=True):
        cast.db.execute("create view api.leak as select id from app.pets")
        with pytest.raises(AssertionError, match="leak"):
            test_every_view_of_the_api_is_in_the_table(cast)


def test_a_policy_that_shows_too_much_is_noticed(cast: Cast) -> None:
    pets = next(view for view in VIEWS if view.name == "pets")
    with cast.db.transaction(force_rollback=True):
        cast.db.execute(
            "create policy pets_select_leak on app.pets for select to app_user"
            " using (true)"
        )
        with pytest.raises(AssertionError):
            test_a_role_reads_as_far_as_the_table_says(cast, pets, "user", 0)


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


@pytest.mark.parametrize("db_role", ["anon", "app_user", "app_doctor", "app_admin"])
def test_nobody_writes_a_table_directly(cast: Cast, db_role: str) -> None:
    query = """
        select c.oid::regclass::text as name from pg_class c
        where c.relnamespace in ('app'::regnamespace, 'api'::regnamespace)
          and c.relkind in ('r', 'v')
          and (has_table_privilege(%(role)s, c.oid, 'insert, delete, truncate')
               or has_any_column_privilege(%(role)s, c.oid, 'update'))
    """
    assert rows(cast.db, query, role=db_role) == []
