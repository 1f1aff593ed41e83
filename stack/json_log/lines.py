"""What a line of a server's log says, in whichever form that server writes it.

The line itself tells its form. What people have typed can stand in a message, and is
taken out: PostgreSQL quotes values and, of slow statements, literals.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from api_extensions.masking import mask_text

_FORMS = tuple(
    re.compile(form, re.VERBOSE | re.DOTALL)
    for form in (
        # PostgreSQL, by the log_line_prefix of db/cluster.py.
        r"""\S+\ \S+\ \S+\ \[\d+\]\ (?:@|(?P<user>\S+))\ (?P<code>[0-9A-Z]{5})
            \ (?:\[unknown\]|(?P<request_id>.*?))\ ?(?P<level>[A-Z]+\d?):[ ]{2}
            (?P<message>.*)""",
        # nginx; a message of ours begins with the request's id.
        r"""(?:[\d/]{10}\ [\d:]{8}|nginx:)\ \[(?P<level>[a-z]+)\]\ (?:\d+\#\d+:\ )?
            (?:\*(?P<connection>\d+)\ )?
            (?:js:\ (?P<request_id>[A-Za-z0-9-]{8,64}):\ )?(?P<message>.*)""",
        # PostgREST: of requests those that failed, and what it does itself.
        r"""(?:-\ -\ (?P<user>\S+)\ \[[^]]*\]|\d\d/\w{3}/\d{4}:\S+\ \S+:)
            \ (?P<message>.*)""",
        # SeaweedFS.
        r"(?P<level>[IWEF])\d{4}\ \d\d:\d\d:\d\d\.\d+\s+(?:\d+\s)?(?P<message>.*)",
        r"(?P<message>.*)",
    )
)
_LEVELS = {
    **dict.fromkeys(("warn", "WARNING", "W"), "warning"),
    **dict.fromkeys(("error", "ERROR", "E"), "error"),
    **dict.fromkeys(("crit", "alert", "emerg", "FATAL", "PANIC", "F"), "critical"),
}
# How our own parts call the time in their lines.
_TIMES = frozenset({"time", "timestamp"})
_TROUBLE = re.compile(r'error|fail|fatal|traceback|" 5\d\d ', re.IGNORECASE)
_QUERY_STRING = re.compile(r"(/[^\s\"'?]*\?)[^\s\"']+")
_LITERAL = re.compile(r"'(?:[^']|'')*'?|\$(\w*)\$.*?(?:\$\1\$|$)", re.DOTALL)
_SLOW = re.compile(r"duration: [\d.]+ ms ")
# Classes of errors (SQLSTATE) that quote what was given: a value, or a name in which
# these letters do not occur.
_QUOTING = ("22", "23", "42", "P0")
_VALUE = re.compile(r'(?<=: )".*"|"(?![a-z_][\w.]*")[^"]*"', re.DOTALL)


def entry(part: str, text: str) -> dict[str, str]:
    """Return what a line says: time, part, level, message, and what else it names.

    Args:
        part: who has written it.
        text: the line, with those that continue it.
    """
    match = next(match for form in _FORMS if (match := form.fullmatch(text)))
    found = {name: word for name, word in match.groupdict().items() if word}
    message = found.pop("message", "")
    level = found.pop("level", "")
    message = _without_values(message, found.get("code", ""))
    if found.get("code") == "00000":
        del found["code"]
    guess = "error" if not level and _TROUBLE.search(message) else "info"
    return {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "part": part,
        "level": _LEVELS.get(level, guess),
        "message": mask_text(_QUERY_STRING.sub(r"\1***", message)),
        **found,
    }


def is_entry(text: str) -> bool:
    """Tell whether the line is JSON of a part that keeps secrets by itself."""
    return text.startswith("{") and not _object(text).keys().isdisjoint(_TIMES)


def _without_values(message: str, code: str) -> str:
    """Take out of a message of PostgreSQL what may be somebody's text."""
    if code == "PGRST":  # app.fail()
        return _refusal(message)
    if code.startswith(_QUOTING):
        return _VALUE.sub('"***"', message)
    return _LITERAL.sub("'***'", message) if _SLOW.match(message) else message


def _refusal(message: str) -> str:
    """Return the code and the words; nothing of what is not whole, or not ours."""
    refusal = _object(message)
    is_ours = {"code", "message"} <= refusal.keys()
    return f"{refusal['code']}: {refusal['message']}" if is_ours else "***"


def _object(text: str) -> dict[str, Any]:
    """Read a JSON object; an empty one stands for whatever is none.

    Nothing that a server writes may end its reader, and with it the server.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
