"""The functions that a role can reach, from the catalog, and how to call one."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from psycopg import sql

from tests.support.database import Connection, rows

_REACHABLE = """
    select p.oid::regprocedure::text as name, n.nspname as schema, p.proname,
        p.pronargdefaults as optional,
        array(select format_type(t, null)
              from unnest(p.proargtypes) with ordinality as a (t, place)
              order by place) as types,
        (p.proargnames)[1:p.pronargs] as names
    from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace
    where n.nspname in ('api', 'app', 'sidecar') and p.prokind = 'f'
      and p.prorettype <> 'trigger'::regtype
      and has_function_privilege(%(role)s, p.oid, 'execute')
    order by 1
"""
_LABELS = "select enumlabel from pg_enum where enumtypid = to_regtype(%(name)s)"
# What the text of a value is not: both surfaces answer it as the caller's mistake.
_BAD_VALUE = "22"

# How often each function has been called in this process.
TRIED: Counter[str] = Counter()


@dataclass(frozen=True)
class Reachable:
    """A function with the names and types of its arguments.

    Attributes:
        optional: how many of the last may be left out.
    """

    name: str
    schema: str
    proname: str
    names: tuple[str, ...]
    types: tuple[str, ...]
    optional: int


def reachable(db: Connection, role: str) -> list[Reachable]:
    """List what a role may execute."""
    return [
        Reachable(
            row["name"],
            row["schema"],
            row["proname"],
            tuple(row["names"] or ()),
            tuple(row["types"]),
            row["optional"],
        )
        for row in rows(db, _REACHABLE, role=role)
    ]


def labels(db: Connection, kind: str) -> list[str]:
    """List the labels of a type, if it is an enumeration."""
    return [row["enumlabel"] for row in rows(db, _LABELS, name=kind)]


def call(
    db: Connection, function: Reachable, arguments: Mapping[str, str | None]
) -> str:
    """Call a function as PostgREST does, by name, from text.

    Returns:
        OK, our code, or the SQLSTATE with what was said.
    """
    TRIED[function.name] += 1
    types = dict(zip(function.names, function.types, strict=True))
    named = sql.SQL(", ").join(
        sql.SQL("{} => {}::{}").format(
            sql.Identifier(name), sql.Placeholder(name), sql.SQL(types[name])
        )
        for name in arguments
    )
    target = sql.Identifier(function.schema, function.proname)
    try:
        with db.transaction():
            db.execute(
                sql.SQL("select * from {}({})").format(target, named), dict(arguments)
            ).fetchall()
    except psycopg.Error as error:
        return _told(error)
    return "OK"


def is_fit(told: str) -> bool:
    """Tell whether this is what a caller may be told: done, refused, or not valid."""
    return (
        told == "OK"
        or (told.startswith("PGRST ") and "INTERNAL" not in told)
        or (told.startswith(_BAD_VALUE) and not told.startswith("22012"))
    )


def _told(error: psycopg.Error) -> str:
    if error.sqlstate == "PGRST":
        body = json.loads(error.diag.message_primary or "{}")
        return f"PGRST {body['code']} {body['message']} {body['details']}"
    return f"{error.sqlstate} {error.diag.message_primary}"
