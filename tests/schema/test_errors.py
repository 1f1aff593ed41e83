"""docs/errors.md lists every code that a caller can be answered with, and no other.

The list is a table whose rows begin with "| `CODE` | status |".
"""

import re
from pathlib import Path

from api_extensions.errors import STATUSES
from db.tools.paths import ROOT, SQL_DIR

_ROW = re.compile(r"^\| `([A-Z_]+)` \| (\d{3}) \|", re.MULTILINE)
_RAISED = re.compile(r"\bapp\.fail\(\s*'([A-Z_]+)'")
_STATUS_IN_SQL = re.compile(r"when '([A-Z_]+)' then (\d{3})")
_STATUS_IN_JS = re.compile(r"^\s+([A-Z_]+): (\d{3}),", re.MULTILINE)


def _documented() -> dict[str, int]:
    return _codes(_ROW, ROOT / "docs" / "errors.md")


def _known_to_sql() -> dict[str, int]:
    return _codes(_STATUS_IN_SQL, SQL_DIR / "app" / "errors" / "fail.sql")


def _known_to_the_gateway() -> dict[str, int]:
    return _codes(_STATUS_IN_JS, ROOT / "gateway" / "njs" / "failures.js")


def _codes(pattern: re.Pattern[str], path: Path) -> dict[str, int]:
    """Return the status by code; none found means that the file has changed shape."""
    found = {code: int(status) for code, status in pattern.findall(path.read_text())}
    assert found, f"no codes in {path}"
    return found


def _raised_by_sql() -> set[str]:
    texts = (path.read_text("utf-8") for path in SQL_DIR.rglob("*.sql"))
    return {code for text in texts for code in _RAISED.findall(text)}


def test_every_code_is_documented_and_every_documented_code_is_used() -> None:
    used = _raised_by_sql() | _known_to_the_gateway().keys() | STATUSES.keys()
    assert used == _documented().keys()


def test_every_code_has_the_same_status_everywhere() -> None:
    documented = _documented()
    for known in (_known_to_sql(), _known_to_the_gateway(), dict(STATUSES)):
        assert known == {code: documented.get(code) for code in known}


def test_sql_raises_only_codes_whose_status_it_knows() -> None:
    """Any other would be answered with 500."""
    assert _raised_by_sql() - _known_to_sql().keys() == set()
