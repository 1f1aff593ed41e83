"""Reads njs/routes.js, which is JavaScript but nothing other than data."""

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Route = dict[str, Any]

_PATH = Path(__file__).parent.parent / "njs" / "routes.js"
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_CONSTANT = re.compile(r"^const (\w+) = (.*?);$", re.DOTALL | re.MULTILINE)
_TABLE = re.compile(r"^export default (\[.*\]);$", re.DOTALL | re.MULTILINE)
# What differs between such data in JavaScript and in Python; strings come first, so
# that nothing inside them is taken for a word.
_TOKEN = re.compile(r"'[^'\n]*'|`[^`]*`|\b[A-Za-z_]\w*\b(?=:)|\b[A-Za-z_]\w*\b|\+")
_INSERTED = re.compile(r"\$\{(\w+)\}")
_WORDS = {"true": "True", "false": "False", "null": "None", "+": ""}


def read_routes() -> list[Route]:
    """Return the lines of the route table, in their order."""
    text = _COMMENT.sub("", _PATH.read_text("utf-8"))
    constants: dict[str, Any] = {}
    for name, expression in _CONSTANT.findall(text):
        constants[name] = _value(expression, constants)
    found = _TABLE.search(text)
    if found is None:
        raise ValueError(f"{_PATH} has no table")
    table: list[Route] = _value(found[1], constants)
    return table


def _value(expression: str, constants: Mapping[str, Any]) -> Any:
    def as_python(found: re.Match[str]) -> str:
        token = found[0]
        if token.startswith("`"):
            return repr(_INSERTED.sub(lambda name: constants[name[1]], token[1:-1]))
        if token.startswith("'"):
            return token
        if token in constants:
            return repr(constants[token])
        return _WORDS.get(token, repr(token))

    # Adjacent strings are one in Python, as those joined by + are in JavaScript.
    return ast.literal_eval(f"({_TOKEN.sub(as_python, expression)})")
