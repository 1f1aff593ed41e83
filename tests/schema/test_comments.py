"""What PostgREST shows in its OpenAPI text, and what a DBA reads in psql."""

import pytest

from tests.support.database import Connection, changed, rows

FUNCTIONS = """
    select oid::regprocedure::text as object, obj_description(oid, 'pg_proc') as text
    from pg_proc
    where pronamespace = %(schema)s::regnamespace
"""
RELATIONS = """
    select oid::regclass::text as object, obj_description(oid, 'pg_class') as text
    from pg_class
    where relnamespace = %(schema)s::regnamespace and relkind in ('r', 'p', 'v', 'm')
"""


def _comments(conn: Connection, query: str, schema: str) -> dict[str, str | None]:
    """Return the comment of every object, by its name."""
    return {row["object"]: row["text"] for row in rows(conn, query, schema=schema)}


def _uncommented(conn: Connection, query: str, schema: str) -> list[str]:
    comments = _comments(conn, query, schema)
    assert comments
    return [name for name, text in comments.items() if not text]


@pytest.mark.parametrize("schema", ["api", "app"])
def test_every_table_and_view_is_commented(db: Connection, schema: str) -> None:
    assert _uncommented(db, RELATIONS, schema) == []


@pytest.mark.parametrize("schema", ["api", "app", "sidecar"])
def test_every_function_is_commented(db: Connection, schema: str) -> None:
    assert _uncommented(db, FUNCTIONS, schema) == []


@pytest.mark.parametrize("query", [FUNCTIONS, RELATIONS], ids=["functions", "views"])
def test_an_endpoint_has_a_summary_and_a_description(
    db: Connection, query: str
) -> None:
    """PostgREST takes the first line for the one, the rest for the other."""
    for name, text in _comments(db, query, "api").items():
        summary, _, description = (text or "").partition("\n\n")
        assert 0 < len(summary) <= 60, name
        assert "\n" not in summary, name
        assert description.strip(), name


def test_an_uncommented_table_is_found(db: Connection) -> None:
    changed(db, "comment on table app.pets is null")
    assert _uncommented(db, RELATIONS, "app") == ["app.pets"]
