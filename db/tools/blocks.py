"""How migrations carry files of sql/: verbatim, between two marker lines.

    -- from sql/api/hold_slot.sql
    create or replace function api.hold_slot(…) …
    -- end of sql/api/hold_slot.sql

What cannot be repeated (a changed table) is written by hand instead. Its marker holds
the hash of the file that the statements below it lead to:

    -- alter for sql/app/slots/slots.sql 0123456789ab

Thus the migrations themselves tell which version of every file they have reached.
"""

import hashlib
import re
from collections.abc import Iterable

import sqlparse

_COPY = re.compile(
    r"^-- from sql/(?P<name>\S+)\n(?P<text>.*?)^-- end of sql/(?P=name)\n",
    re.MULTILINE | re.DOTALL,
)
_ALTER = re.compile(
    r"^-- alter for sql/(?P<name>\S+) (?P<digest>[0-9a-f]{12})$", re.MULTILINE
)
_DROP = re.compile(r"^-- drop for sql/(?P<name>\S+)$", re.MULTILINE)

# Statements that can be run again over what they made.
_REPEATABLE = re.compile(
    r"create or replace (function|procedure|view|trigger)\b"
    r"|(comment on|grant|revoke|drop (policy|trigger) if exists)\b",
    re.IGNORECASE,
)


def digest(text: str) -> str:
    """Return the short hash that stands for one version of a file."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def is_repeatable(text: str) -> bool:
    """Tell whether the whole file may be run again over its older version."""
    without_comments = sqlparse.format(text, strip_comments=True)
    return all(
        _REPEATABLE.match(" ".join(statement.split()))
        for statement in sqlparse.split(without_comments)
    )


def copy_block(name: str, text: str) -> str:
    """Return `text`, the file sql/`name`, between its markers."""
    return f"-- from sql/{name}\n{text}-- end of sql/{name}\n"


def alter_block(name: str, text: str) -> str:
    """Return the place for the statements that lead to `text`."""
    return (
        f"-- alter for sql/{name} {digest(text)}\n"
        "-- TODO: write the statements that bring the old version to the new one.\n"
    )


def drop_block(name: str) -> str:
    """Return the place for the statements that undo the file sql/`name`."""
    return f"-- drop for sql/{name}\n-- TODO: drop what the file had made.\n"


def reached(migrations: Iterable[str]) -> dict[str, str]:
    """Return which version (digest) of each sql file these migrations lead to."""
    versions: dict[str, str] = {}
    for text in migrations:
        for block in _COPY.finditer(text):
            versions[block["name"]] = digest(block["text"])
        for block in _ALTER.finditer(text):
            versions[block["name"]] = block["digest"]
        for block in _DROP.finditer(text):
            versions.pop(block["name"], None)
    return versions


def without_copies(migration: str) -> str:
    """Return what was written by hand: the migration without its copied files."""
    return _COPY.sub("", migration)


def refresh(migration: str, files: dict[str, str]) -> str:
    """Return the migration with its blocks brought up to `files` (text by name)."""

    def copy(block: re.Match[str]) -> str:
        name = block["name"]
        return copy_block(name, files[name]) if name in files else ""

    def alter(block: re.Match[str]) -> str:
        text = files.get(block["name"])
        if text is None or digest(text) == block["digest"]:
            return block[0]
        return alter_block(block["name"], text).rstrip("\n")

    return _ALTER.sub(alter, _COPY.sub(copy, migration))
