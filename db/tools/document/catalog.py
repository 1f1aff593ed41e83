"""What is in a database, as the reference and the diagram need it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from psycopg.rows import class_row

from db.tools.paths import SQL_DIR

Row = TypeVar("Row")


@dataclass(frozen=True)
class Column:
    """A column of a table or view; `comment` may be empty."""

    relation: str
    name: str
    type: str
    is_required: bool
    is_key: bool
    comment: str


@dataclass(frozen=True)
class Reference:
    """A foreign key between two tables."""

    source: str
    columns: list[str]
    target: str
    on_delete: str


@dataclass(frozen=True)
class Policy:
    """A policy of row-level security; the owner's own are left out."""

    relation: str
    name: str
    command: str
    roles: list[str]
    condition: str


@dataclass(frozen=True)
class Function:
    """A function or procedure of ours, and who may execute it beside its owner."""

    schema: str
    name: str
    arguments: str
    result: str
    is_definer: bool
    executed_by: list[str]
    comment: str


@dataclass
class Relation:
    """A table or view with all that belongs to it."""

    schema: str
    name: str
    is_view: bool
    comment: str
    columns: list[Column] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    policies: list[Policy] = field(default_factory=list)
    domain: str = ""

    @property
    def qualified(self) -> str:
        """The name with its schema."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True)
class Catalog:
    """All of it, in a fixed order."""

    relations: list[Relation]
    functions: list[Function]

    @property
    def tables(self) -> list[Relation]:
        """The tables, by domain and name."""
        tables = [relation for relation in self.relations if not relation.is_view]
        return sorted(tables, key=lambda table: (table.domain, table.name))

    @property
    def views(self) -> list[Relation]:
        """The views, by schema and name."""
        return [relation for relation in self.relations if relation.is_view]


_RELATIONS = """
select n.nspname as schema, c.relname as name, c.relkind = 'v' as is_view,
       coalesce(obj_description(c.oid, 'pg_class'), '') as comment
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('app', 'api') and c.relkind in ('r', 'v')
order by 1, 2
"""
_COLUMNS = """
select a.attrelid::regclass::text as relation, a.attname as name,
       format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as is_required,
       coalesce(a.attnum = any (k.conkey), false) as is_key,
       coalesce(col_description(a.attrelid, a.attnum), '') as comment
from pg_attribute a
join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'v')
left join pg_constraint k on k.conrelid = a.attrelid and k.contype = 'p'
where c.relnamespace in ('app'::regnamespace, 'api'::regnamespace)
  and a.attnum > 0 and not a.attisdropped
order by 1, a.attnum
"""
_REFERENCES = """
select k.conrelid::regclass::text as source, k.confrelid::regclass::text as target,
       case k.confdeltype when 'c' then 'cascade' when 'n' then 'set null' else '' end
           as on_delete,
       array(select a.attname::text from unnest(k.conkey) with ordinality c (n, i)
             join pg_attribute a on a.attrelid = k.conrelid and a.attnum = c.n
             order by c.i) as columns
from pg_constraint k
where k.contype = 'f' and k.connamespace = 'app'::regnamespace
order by 1, k.conname
"""
_POLICIES = """
select format('%I.%I', schemaname, tablename) as relation, policyname as name,
       lower(cmd) as command, roles::text[] as roles, coalesce(qual, '') as condition
from pg_policies
where schemaname = 'app' and roles <> '{app_owner}'
order by 1, 2
"""
_FUNCTIONS = """
select n.nspname as schema, p.proname as name, p.prosecdef as is_definer,
       pg_get_function_arguments(p.oid) as arguments,
       coalesce(pg_get_function_result(p.oid), 'procedure') as result,
       coalesce(obj_description(p.oid, 'pg_proc'), '') as comment,
       array(select a.grantee::regrole::text from aclexplode(p.proacl) a
             where a.grantee <> p.proowner order by 1) as executed_by
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname in ('app', 'api', 'sidecar') and p.prorettype <> 'trigger'::regtype
order by 1, 2, 4
"""


def read(conn: psycopg.Connection[Any]) -> Catalog:
    """Read the catalog of the database that `conn` is connected to."""
    relations = _rows(conn, Relation, _RELATIONS)
    by_name = {relation.qualified: relation for relation in relations}
    for column in _rows(conn, Column, _COLUMNS):
        by_name[column.relation].columns.append(column)
    for reference in _rows(conn, Reference, _REFERENCES):
        by_name[reference.source].references.append(reference)
    for policy in _rows(conn, Policy, _POLICIES):
        by_name[policy.relation].policies.append(policy)
    for name, domain in _domains():
        if name in by_name:
            by_name[name].domain = domain
    return Catalog(relations, _rows(conn, Function, _FUNCTIONS))


def _rows(conn: psycopg.Connection[Any], kind: type[Row], query: str) -> list[Row]:
    with conn.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(query.encode()).fetchall()


def _domains(sql_dir: Path = SQL_DIR) -> Iterator[tuple[str, str]]:
    """Yield each table's name and the folder of sql/app that defines it."""
    for path in (sql_dir / "app").rglob("*.sql"):
        text = path.read_text("utf-8")
        for name in re.findall(r"^create table (app\.\w+)", text, re.MULTILINE):
            yield name, path.parent.name
