"""Asks the database as somebody of the cast, and says how far that got."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg
from psycopg import sql

from tests.rls.cast import Cast, Side
from tests.rls.surface import Function, Relation
from tests.support.roles import as_person, as_role


@contextmanager
def acting(cast: Cast, side: Side, role: str) -> Iterator[None]:
    """Be somebody of a side for a block, or nobody."""
    if role == "anon":
        with as_role(cast.db, "anon"):
            yield
    else:
        with as_person(cast.db, side.people[role]):
            yield


def keys(cast: Cast, side: Side, role: str, relation: Relation) -> set[object] | None:
    """Return the keys of the rows that somebody sees; None when they are not let in."""
    # What belongs to nobody has no key: only whether they are let in counts.
    key = sql.Identifier(relation.key) if relation.thing else sql.NULL
    query = sql.SQL("select {} as key from {}").format(key, _name(relation))
    try:
        with acting(cast, side, role):
            return {row["key"] for row in cast.db.execute(query).fetchall()}
    except psycopg.errors.InsufficientPrivilege:
        return None


def outcome(
    cast: Cast, side: Side, role: str, function: Function, key: UUID | None
) -> str:
    """Call a function and undo it; return OK, our code, or the SQLSTATE."""
    arguments = dict(function.arguments)
    if key:
        arguments[function.argument] = key
    named = sql.SQL(", ").join(
        sql.SQL("{} => {}").format(sql.Identifier(name), sql.Placeholder(name))
        for name in arguments
    )
    query = sql.SQL("select * from {}({})").format(_name(function), named)
    return attempt(cast, side, role, query, arguments)


def attempt(
    cast: Cast,
    side: Side,
    role: str,
    statement: sql.Composed,
    parameters: dict[str, object] | None = None,
) -> str:
    """Run a statement and undo it; return OK, our code, or the SQLSTATE."""
    try:
        with acting(cast, side, role):
            cast.db.execute(statement, parameters)
            raise psycopg.Rollback
    except psycopg.Error as error:
        if error.sqlstate == "PGRST":
            return str(json.loads(error.diag.message_primary or "")["code"])
        return str(error.sqlstate)
    return "OK"


def _name(entry: Relation | Function) -> sql.Identifier:
    return sql.Identifier(*entry.qualified.split("."))
