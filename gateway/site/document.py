"""Puts the OpenAPI document together from gateway/openapi/ and docs/errors.md."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from gateway.site.errors import ErrorCode, error_codes
from gateway.site.operations import DocumentError, Operations
from gateway.site.refusals import (
    method_not_allowed,
    refusal_schema,
    schema_name,
    shared_refusals,
)

Json = dict[str, Any]

OPENAPI_DIR = Path(__file__).parent.parent / "openapi"
# These two belong to all resources.
_DOCUMENT, _ERRORS = "document.yaml", "errors.yaml"


def assemble() -> Json:
    """Return the whole document, the same for the same files.

    Raises:
        DocumentError: a path or schema stands in two files, an operation uses a word
            that there is not, or errors.yaml has other codes than docs/errors.md.
    """
    document: Json = _read(OPENAPI_DIR / _DOCUMENT)
    codes = error_codes()
    operations = Operations(codes)
    paths: Json = {}
    components: Json = document["components"]
    for name, schema in _refusal_schemas(codes):
        _add(components["schemas"], name, schema)
    for resource in _resources():
        for path, methods in resource["paths"].items():
            _add(paths, path, operations.spell_out(path, methods))
        for name, schema in resource.get("schemas", {}).items():
            _add(components["schemas"], name, schema)
    for name in operations.bodies:  # what is not known is refused, everywhere
        components["schemas"][name]["additionalProperties"] = False
    components["responses"] = {
        "Refusal": shared_refusals(codes),
        "MethodNotAllowed": method_not_allowed(codes),
    }
    document["paths"] = dict(sorted(paths.items()))
    document["info"]["description"] += _table(codes.values())
    return document


def _resources() -> Iterator[Json]:
    for path in sorted(OPENAPI_DIR.glob("*.yaml")):
        if path.name not in (_DOCUMENT, _ERRORS):
            yield _read(path)


def _read(path: Path) -> Json:
    content: Json = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
    return content


def _refusal_schemas(codes: dict[str, ErrorCode]) -> Iterator[tuple[str, Json]]:
    described = _read(OPENAPI_DIR / _ERRORS)
    if described.keys() != codes.keys():
        odd = sorted(described.keys() ^ codes.keys())
        raise DocumentError(f"only one of {_ERRORS} and docs/errors.md has {odd}")
    for code in codes:
        yield schema_name(code), refusal_schema(code, described[code])


def _add(place: Json, name: str, value: Json) -> None:
    if name in place:
        raise DocumentError(f"{name} stands in two places")
    place[name] = value


def _table(codes: Iterable[ErrorCode]) -> str:
    rows = [f"| `{c.code}` | {c.status} | {c.meaning} |" for c in codes]
    return "\n".join(["", "| code | status | when |", "|---|---|---|", *rows, ""])
