"""Holds every answer that a test gets against the OpenAPI document.

The document leaves answers open, so that fields can be added; here they are closed: a
field that it does not describe is a failure of the test, whatever the test is about.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import httpx
from jsonschema import Draft202012Validator, FormatChecker

from gateway.site.document import assemble
from gateway.site.errors import error_codes

Json = dict[str, Any]

# Requests that can't be read have other statuses than their code has elsewhere.
_UNREADABLE = {
    ("VALIDATION_FAILED", 400),
    ("PAYLOAD_TOO_LARGE", 414),
    ("PAYLOAD_TOO_LARGE", 431),
}


class Operation(NamedTuple):
    """One operation of the document."""

    method: str
    template: str
    description: Json


@cache
def document() -> Json:
    """Return the document that the gateway serves."""
    return assemble()


def operations() -> list[Operation]:
    """Return all operations of the document."""
    return [
        Operation(method.upper(), template, description)
        for template, methods in document()["paths"].items()
        for method, description in methods.items()
    ]


def check_answer(response: httpx.Response) -> None:
    """Fail unless the document describes an answer, and what succeeded besides."""
    request = response.request
    methods = _methods(request.url.path)
    method = "GET" if request.method == "HEAD" else request.method
    if request.method == "OPTIONS" and methods:
        return
    if method not in methods:
        expected = (405, "METHOD_NOT_ALLOWED") if methods else (404, "NOT_FOUND")
        found = (response.status_code, response.json()["error"]["code"])
        assert found == expected, f"{request.method} {request.url.path}: {found}"
        return
    operation = methods[method]
    if response.is_success:
        _check_request(operation, request)
    described = _described(operation, response)
    if not response.is_redirect and request.method != "HEAD":
        _check_content(operation, described, response)
    _check_status_of_code(response)


@cache
def _patterns() -> dict[re.Pattern[str], dict[str, Operation]]:
    """Return the operations by method, of each path as a regular expression.

    Paths without parameters come first: they are what a request means that fits both.
    """
    found: dict[str, dict[str, Operation]] = {}
    for operation in operations():
        found.setdefault(operation.template, {})[operation.method] = operation
    return {
        re.compile(re.sub(r"\{\w+\}", "[^/]+", template)): found[template]
        for template in sorted(found, key=lambda text: ("{" in text, text))
    }


@cache
def _methods(path: str) -> Mapping[str, Operation]:
    for pattern, methods in _patterns().items():
        if pattern.fullmatch(path):
            return methods
    return {}


def _described(operation: Operation, response: httpx.Response) -> Json:
    responses = operation.description["responses"]
    described = responses.get(str(response.status_code)) or responses["default"]
    return resolved(described)


def _check_request(operation: Operation, request: httpx.Request) -> None:
    body = resolved(operation.description.get("requestBody", {}))
    if not request.content or "application/json" not in body.get("content", {}):
        return
    place = (*operation[:2], "body")
    _validate(place, body["content"]["application/json"]["schema"], request.content)


def _check_content(
    operation: Operation, described: Json, response: httpx.Response
) -> None:
    media_type = response.headers.get("content-type", "").partition(";")[0]
    place = (*operation[:2], response.status_code)
    assert media_type in described.get("content", {}), f"{place}: {media_type}"
    if media_type == "application/json":
        schema = described["content"][media_type]["schema"]
        _validate(place, schema, response.content)


def _check_status_of_code(response: httpx.Response) -> None:
    if response.status_code >= httpx.codes.BAD_REQUEST and response.content:
        code = response.json()["error"]["code"]
        pair = (code, response.status_code)
        assert error_codes()[code].status == pair[1] or pair in _UNREADABLE, pair


_validators: dict[tuple[Any, ...], Draft202012Validator] = {}


def _validate(place: tuple[Any, ...], schema: Json, content: bytes) -> None:
    if place not in _validators:
        _validators[place] = Draft202012Validator(
            closed(schema), format_checker=FormatChecker()
        )
    value = json.loads(content)
    complaints = [
        f"{error.json_path}: {error.message}"
        for error in _validators[place].iter_errors(value)
    ]
    assert not complaints, f"{place} is not as the document describes it: {complaints}"


def closed(schema: Json) -> Json:
    """Return a schema without references that takes no property it does not name."""
    schema = _opened(schema)
    if schema.keys() & {"properties", "allOf"}:
        schema.setdefault("unevaluatedProperties", False)
    return schema


def _opened(schema: Json) -> Json:
    """Close what lies below a schema, and not the schema itself: it may be a part."""
    schema = dict(resolved(schema))
    if "properties" in schema:
        schema["properties"] = {n: closed(s) for n, s in schema["properties"].items()}
    if "items" in schema:
        schema["items"] = closed(schema["items"])
    if "oneOf" in schema:
        schema["oneOf"] = [closed(each) for each in schema["oneOf"]]
    if "allOf" in schema:
        schema["allOf"] = [_opened(each) for each in schema["allOf"]]
    if schema.pop("additionalProperties", None) is False:
        schema["unevaluatedProperties"] = False
    elif "properties" not in schema:
        schema.setdefault("unevaluatedProperties", True)
    return schema


def resolved(value: Json) -> Json:
    """Return what a reference stands for; anything else as it is."""
    while "$ref" in value:
        found: Any = document()
        for name in value["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        value = found
    return value
