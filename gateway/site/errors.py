"""The table of docs/errors.md: every code, its statuses, and what it means."""

import re
from dataclasses import dataclass

from db.tools.paths import ROOT

_PATH = ROOT / "docs" / "errors.md"
_ROW = re.compile(r"^\| `([A-Z_]+)` \| (\d{3}) \| (.*?) \| (.*?) ?\|$", re.MULTILINE)


@dataclass(frozen=True)
class ErrorCode:
    """A line of the table.

    Attributes:
        code: what clients program against.
        status: of HTTP.
        meaning: when it is given, in Markdown.
    """

    code: str
    status: int
    meaning: str


def error_codes() -> dict[str, ErrorCode]:
    """Read the table; the codes in its order."""
    rows = _ROW.findall(_PATH.read_text("utf-8"))
    return {
        code: ErrorCode(code, int(status), meaning) for code, status, meaning, _ in rows
    }
