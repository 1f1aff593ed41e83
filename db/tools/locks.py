"""Which locks a migration takes, beyond what squawk knows (migrations/README.md).

Requests lock a view before the tables behind it. A migration that changes a table first
and then a view over it does the opposite: each would wait for the other.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

import sqlparse

_COMMENT = re.compile(r"--[^\n]*")
# Views have no body that a semicolon could end before they do.
_VIEW = re.compile(
    r"^create (?:or replace )?view (?P<name>\w+\.\w+)(?P<text>[^;]*);",
    re.IGNORECASE | re.MULTILINE,
)
_CHANGED_VIEW = re.compile(
    r"(?:create or replace|drop|alter) view (?:if exists )?(?P<name>\w+\.\w+)",
    re.IGNORECASE,
)
_NEW_TABLE = re.compile(r"create table (?P<name>\w+\.\w+)", re.IGNORECASE)
_CHANGED_TABLE = re.compile(
    r"(?:alter|drop) table (?:if exists )?(?:only )?(?P<name>\w+\.\w+)", re.IGNORECASE
)
_LOCK = re.compile(
    r"lock table (?P<names>\w+\.\w+(?:, ?\w+\.\w+)*) in access exclusive mode",
    re.IGNORECASE,
)
_ALL_ROWS = re.compile(
    r"(?:update|delete from) (?P<name>\w+\.\w+)(?!.*\bwhere\b)", re.IGNORECASE
)
_NAME = re.compile(r"\b\w+\.\w+\b")

# As many rows as the clinic has settings and kinds of things.
_SMALL = frozenset({"app.system_config", "app.jobs", "app.upload_rules"})


def complaints(history: Iterable[str], migration: str) -> list[str]:
    """Return what is wrong with the locks of a migration, a sentence each.

    Args:
        history: the migrations before it, in order.
        migration: its text.
    """
    before = _views(history)
    statements = list(_statements(migration))
    return [
        *_late_locks(statements, before),
        *(
            f"{name} is changed as a whole: it stays locked row by row until the end. "
            "Change it in batches (a job, or `-- transactional: false`)"
            for name in _found(_ALL_ROWS, statements)
            if name not in {*_found(_NEW_TABLE, statements), *_SMALL}
        ),
    ]


def _late_locks(
    statements: list[str], before: Mapping[str, frozenset[str]]
) -> Iterator[str]:
    """Yield a sentence for each view that is locked after a table that it reads."""
    new, locked = set(_found(_NEW_TABLE, statements)), set[str]()
    changed = {name for name in _found(_CHANGED_VIEW, statements) if name in before}
    for statement in statements:
        if lock := _LOCK.match(statement):
            locked.update(_NAME.findall(lock["names"]))
        table = _CHANGED_TABLE.match(statement)
        if table is None or table["name"] in new:
            continue
        for view in sorted(changed - locked):
            if table["name"] in _reads(view, before):
                locked.add(view)  # one sentence is enough
                yield (
                    f"{table['name']} is changed before {view}, which reads it: begin "
                    f"with `lock table {view} in access exclusive mode`"
                )


def _views(history: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return what each view names, as the last migration that defines it says."""
    return {
        view["name"]: frozenset(_NAME.findall(view["text"]))
        for text in history
        for view in _VIEW.finditer(_COMMENT.sub("", text))
    }


def _reads(view: str, views: Mapping[str, frozenset[str]]) -> set[str]:
    """Return what a view reads, by way of other views, too."""
    read, coming = set[str](), {view}
    while coming:
        read |= coming
        coming = {name for each in coming for name in views.get(each, ())} - read
    return read


def _found(pattern: re.Pattern[str], statements: Iterable[str]) -> list[str]:
    """Return the names that statements of a kind begin with."""
    return [match["name"] for each in statements if (match := pattern.match(each))]


def _statements(text: str) -> Iterator[str]:
    """Yield the statements, each on one line and without comments."""
    for statement in sqlparse.split(text):
        yield " ".join(_COMMENT.sub("", statement).split())
