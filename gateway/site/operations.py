"""Spells out the short words of gateway/openapi/, which its README explains.

So nobody writes an envelope, a path's parameters or the usual refusals by hand.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from gateway.site.errors import ErrorCode
from gateway.site.refusals import refusal_response

Json = dict[str, Any]

# Who may call, and what the description says of it.
_WHO = {
    "anybody": "",
    "everybody": "For everybody who is signed in.",
    "owners": "For pet owners.",
    "doctors": "For doctors.",
    "staff": "For doctors and admins.",
    "admins": "For admins.",
}
_OUR_WORDS = {
    "for",
    "body",
    "optionalBody",
    "gives",
    "lists",
    "status",
    "versioned",
    "refuses",
}
_OPENAPI_WORDS = {
    "operationId",
    "summary",
    "description",
    "tags",
    "parameters",
    "requestBody",
    "responses",
}
_PARAMETER = re.compile(r"\{(\w+)\}")


class DocumentError(Exception):
    """The files contradict each other or use a word that there is not."""


class Operations:
    """Turns the operations of a path into plain OpenAPI.

    Attributes:
        bodies: the schemas that were named as bodies so far.
    """

    def __init__(self, codes: Mapping[str, ErrorCode]) -> None:
        self.bodies: set[str] = set()
        self._codes = codes

    def spell_out(self, path: str, methods: Mapping[str, Json]) -> Json:
        """Return a path's operations by method.

        Raises:
            DocumentError: one uses a word or an error code that there is not.
        """
        ids = [_id_parameter(name) for name in _PARAMETER.findall(path)]
        return {
            method: self._operation(words, ids) for method, words in methods.items()
        }

    def _operation(self, words: Json, ids: list[Json]) -> Json:
        if unknown := words.keys() - _OUR_WORDS - _OPENAPI_WORDS:
            raise DocumentError(f"{words['operationId']}: what is {unknown}?")
        operation = {k: v for k, v in words.items() if k in _OPENAPI_WORDS}
        texts = (words.get("description", ""), _WHO[words["for"]])
        operation["description"] = "\n\n".join(text for text in texts if text)
        if words["for"] == "anybody":
            operation["security"] = []
        operation["parameters"] = [
            *ids,
            *words.get("parameters", []),
            *({"$ref": f"#/components/parameters/{name}"} for name in _implied(words)),
        ]
        if body := words.get("body") or words.get("optionalBody"):
            self.bodies.add(body)
            operation["requestBody"] = _json_body(body, required="body" in words)
        operation["responses"] = self._responses(words)
        return operation

    def _responses(self, words: Json) -> Json:
        responses = dict(words.get("responses", {}))
        if "gives" in words or "lists" in words:
            status = str(words.get("status", 200))
            given = responses.get(status, {})
            responses[status] = _success(words, given.get("content", {}))
        refused = {self._code(name) for name in _refused(words)}
        by_status = sorted(refused, key=lambda code: (code.status, code.code))
        for status, codes in groupby(by_status, lambda code: code.status):
            responses[str(status)] = refusal_response(list(codes))
        responses["default"] = {"$ref": "#/components/responses/Refusal"}
        return dict(sorted(responses.items()))

    def _code(self, name: str) -> ErrorCode:
        if name not in self._codes:
            raise DocumentError(f"docs/errors.md does not know {name}")
        return self._codes[name]


def _implied(words: Json) -> Iterator[str]:
    """Name the parameters that follow from other words."""
    if "lists" in words:
        yield from ("limit", "cursor")
    if _is_versioned_change(words):
        yield "ifMatch"


def _is_versioned_change(words: Json) -> bool:
    return words.get("versioned") == "change"


def _refused(words: Json) -> Iterator[str]:
    """Name an operation's codes: those it lists, and what follows from the rest."""
    yield from words.get("refuses", [])
    if words["for"] != "anybody":
        yield from ("UNAUTHENTICATED", "FORBIDDEN")
    if words.keys() & {"body", "optionalBody", "parameters", "lists"}:
        yield "VALIDATION_FAILED"
    if _is_versioned_change(words):
        yield from ("VALIDATION_FAILED", "PRECONDITION_FAILED")


def _id_parameter(name: str) -> Json:
    schema = {"$ref": "#/components/schemas/Id"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _json_body(name: str, *, required: bool) -> Json:
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"required": required, "content": {"application/json": {"schema": schema}}}


def _success(words: Json, other_content: Json) -> Json:
    """Describe the envelope around what is given, beside other representations."""
    name = words.get("gives") or words["lists"]
    data: Json = {"$ref": f"#/components/schemas/{name}"}
    properties: Json = {"ok": {"type": "boolean", "const": True}, "data": data}
    if "lists" in words:
        properties["data"] = {"type": "array", "items": data}
        properties["page"] = {"$ref": "#/components/schemas/Page"}
    schema = {
        "type": "object",
        "required": list(properties),
        "properties": properties,
    }
    content = {"application/json": {"schema": schema}} | other_content
    response: Json = {"description": words["summary"], "content": content}
    if "versioned" in words:
        response["headers"] = {"ETag": {"$ref": "#/components/headers/ETag"}}
    return response
