"""Rules for every object of the catalog, one query each in lints/: no rows, no problem.

A lint file may hold, beside the query:
    -- catches: SQL that breaks the rule; the lint must report it (each is tried)
    -- allow OBJECT: the reason why this object may break the rule
"""

import re
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.support.database import Connection, Database, rows

_LINTS = sorted(Path(__file__).with_name("lints").glob("*.sql"))
_CATCHES = re.compile(r"^-- catches: (.+)$", re.MULTILINE)
_ALLOW = re.compile(r"^-- allow (.+?): (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Lint:
    """One rule."""

    path: Path

    @property
    def text(self) -> str:
        """The file: comments and one query."""
        return self.path.read_text("utf-8")

    @property
    def allowed(self) -> set[str]:
        """The objects that may break the rule."""
        return {match[1] for match in _ALLOW.finditer(self.text)}

    def problems(self, conn: Connection) -> dict[str, str]:
        """Return the problem by the object that has it."""
        return {row["object"]: row["problem"] for row in rows(conn, self.text)}


_ALL = [pytest.param(Lint(path), id=path.stem) for path in _LINTS]
_VIOLATIONS = [
    pytest.param(Lint(path), match[1], id=f"{path.stem}-{number}")
    for path in _LINTS
    for number, match in enumerate(_CATCHES.finditer(path.read_text("utf-8")), 1)
]


@pytest.mark.parametrize("lint", _ALL)
def test_the_rule_holds(db: Connection, lint: Lint) -> None:
    problems = lint.problems(db)
    assert {name: problems[name] for name in problems.keys() - lint.allowed} == {}


@pytest.mark.parametrize("lint", _ALL)
def test_every_exception_is_still_needed(db: Connection, lint: Lint) -> None:
    assert lint.allowed - lint.problems(db).keys() == set()


@pytest.mark.parametrize(("lint", "violation"), _VIOLATIONS)
def test_a_violation_is_found(shared_db: Database, lint: Lint, violation: str) -> None:
    with shared_db.connect() as conn, conn.transaction(force_rollback=True):
        before = lint.problems(conn)
        _break(conn, violation)
        assert lint.problems(conn).keys() - before.keys() != set()


def test_every_rule_has_a_violation_to_find() -> None:
    without = [path.name for path in _LINTS if not _CATCHES.search(path.read_text())]
    assert without == []


def _break(conn: Connection, violation: str) -> None:
    """Do it as the owner, or as the superuser where the owner may not."""
    try:
        with conn.transaction():
            conn.execute(violation.encode())
    except psycopg.errors.InsufficientPrivilege:
        conn.execute("set local role postgres")
        conn.execute(violation.encode())
    conn.execute("set local role app_owner")
