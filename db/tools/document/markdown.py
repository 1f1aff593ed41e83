"""The reference, as Markdown."""

from collections.abc import Iterator
from itertools import groupby

from db.tools.document.catalog import Catalog, Column, Function, Relation

_HEAD = """\
# The database

Made by `make docs` from what `sql/` builds: don't edit. How it is meant is in
[sql/README.md](../sql/README.md); what runs regularly is in `app.jobs`.

![tables and their foreign keys](database.svg)

Every table has row-level security, forced on its owner too, and lets the owner's
definer functions work (a policy `…_all_owner`, not repeated below). Where no policy is
named, nobody but those functions reads the table. Nobody writes a table directly.
"""


def render(catalog: Catalog) -> str:
    """Return the whole page."""
    parts = [_HEAD, "## Tables\n"]
    for domain, tables in groupby(catalog.tables, key=lambda table: table.domain):
        parts.append(f"### {domain}\n")
        parts += [_table(table) for table in tables]
    parts.append("## Views of `api`, which PostgREST exposes\n")
    parts += [_view(view) for view in catalog.views if view.schema == "api"]
    parts.append("## Functions\n")
    for schema, functions in groupby(catalog.functions, key=lambda one: one.schema):
        parts.append(f"### {schema}\n")
        parts.append("".join(_function(one) for one in functions))
    return "\n".join(parts)


def _table(table: Relation) -> str:
    lines = [f"#### {table.qualified}\n", f"{_flat(table.comment)}\n"]
    lines += ["| column | type | | |", "|---|---|---|---|"]
    lines += [_column(column) for column in table.columns]
    lines.append("")
    lines += _references(table)
    for policy in table.policies:
        roles = ", ".join(policy.roles)
        condition = _flat(policy.condition)
        lines.append(f"- policy for {policy.command} to {roles}: `{condition}`")
    return "\n".join(lines) + "\n"


def _references(table: Relation) -> Iterator[str]:
    for reference in table.references:
        columns = ", ".join(reference.columns)
        then = f" (on delete {reference.on_delete})" if reference.on_delete else ""
        yield f"- {columns} → {reference.target}{then}"


def _column(column: Column) -> str:
    marks = "key" if column.is_key else "" if column.is_required else "may be null"
    words = _flat(column.comment).replace("|", "\\|")
    return f"| {column.name} | {column.type} | {marks} | {words} |"


def _view(view: Relation) -> str:
    columns = ", ".join(column.name for column in view.columns)
    return f"#### {view.qualified}\n\n{_flat(view.comment)}\n\nColumns: {columns}.\n"


def _function(function: Function) -> str:
    rights = "as its owner" if function.is_definer else "as the caller"
    callers = ", ".join(function.executed_by) or "functions of the owner only"
    return (
        f"- **{function.name}**({function.arguments}) → {function.result}\n"
        f"  {_flat(function.comment)} *Runs {rights}; for {callers}.*\n"
    )


def _flat(text: str) -> str:
    """Return a text on one line."""
    return " ".join(text.split())
