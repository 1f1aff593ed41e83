"""A body is refused alike, whichever server reads it: the gateway or the sidecar."""

import json
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest

from stack.background import System
from tests.support import web
from tests.support.api import Api, new_owner
from tests.support.contract import Json, Operation, operations, resolved

_JSON = {"Content-Type": "application/json"}
# The first is PostgREST's, whose bodies the gateway reads; the other is the sidecar's.
_PATHS = ("/api/v1/pets", "/api/v1/auth/login")
_INVALID = (400, "INVALID_JSON")
_WRONG = (422, "VALIDATION_FAILED")


@pytest.fixture(scope="module")
def reader(system: System) -> Api:
    """A pet owner, whose bodies are read."""
    return new_owner(system.api_url)


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (b"", _WRONG),
        (b"{}", _WRONG),
        (b"null", _WRONG),
        (b"[]", _WRONG),
        (b'"{}"', _WRONG),
        (b'{"x":1e400}', _WRONG),
        (b'{"x":"\\\\ud800"}', _WRONG),
        (b'{"x":"\\ud83d\\udc08"}', _WRONG),
        (b'{"x":"\\ud83d"}', _INVALID),
        (b'{"x":"\\udc08\\ud83d"}', _INVALID),
        (b'{"\\ud83dx":1}', _INVALID),
        (b'{"x":"\\\\\\ud800"}', _INVALID),
        (b'{"x":[0,-0,10,1.5e+10,-0.5E-2]}', _WRONG),
        (b'{"x":"\\"01"}', _WRONG),
        (b'{"x":01}', _INVALID),
        (b'{"x":[-00]}', _INVALID),
        (b'{"x":1.}', _INVALID),
        (b'{"x":1.e1}', _INVALID),
        (b'{"x":-.5}', _INVALID),
        (b'{"x":NaN}', _INVALID),
        (b'{"x":-Infinity}', _INVALID),
        (b"\xef\xbb\xbf{}", _INVALID),
        (b'{"x":"\xff"}', _INVALID),
        (b'{"x":"\xed\xa0\x80"}', _INVALID),
        (b'{"x":"\n"}', _INVALID),
        (b'{"x":' + b"[" * 300 + b"]" * 300 + b"}", _INVALID),
        (b"{}{}", _INVALID),
        (b"{'x':1}", _INVALID),
        (b'{"x":1,}', _INVALID),
        (b"\0", _INVALID),
        (b'"' + b"x" * 70_000 + b'"', (413, "PAYLOAD_TOO_LARGE")),
    ],
    ids=lambda part: repr(part)[:30],
)
def test_both_read_the_same_json(
    reader: Api, body: bytes, refusal: tuple[int, str]
) -> None:
    headers = _JSON | {"Authorization": f"Bearer {reader.access_token}"}
    for path in _PATHS:
        answer = web.post(reader.api_url + path, content=body, headers=headers)
        told = (answer.status_code, answer.json()["error"]["code"])
        assert told == refusal, (path, answer.text)


def test_neither_needs_a_type_for_a_body_that_is_not_there(reader: Api) -> None:
    bearer = {"Authorization": f"Bearer {reader.access_token}"}
    for path in _PATHS:
        empty = web.post(reader.api_url + path, headers=bearer)
        assert empty.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        untyped = web.post(reader.api_url + path, headers=bearer, content=b"{}")
        assert untyped.status_code == HTTPStatus.UNSUPPORTED_MEDIA_TYPE


def test_no_complaint_is_in_the_words_of_a_programming_language(reader: Api) -> None:
    many = [{"uploadKey": "uploads/x", "purpose": "OTHER"}] * 11
    path = f"/consultations/{uuid4()}/details"
    details = reader.call("PATCH", path, {"attachments": many})
    query = {"category": "IMAGE", "ext": "png", "size": "1.5"}
    presigned = reader.call("GET", "/uploads/presign", query=query)
    assert [answer.error["details"]["fields"] for answer in (details, presigned)] == [
        {"attachments": "should have at most 10 items"},
        {"size": "is not a whole number"},
    ]


def test_a_form_is_read_in_no_other_letters_than_utf_8(system: System) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=nonsense"}
    url = f"{system.api_url}/api/v1/payments/mock/{uuid4()}"
    answer = web.post(url, content=b"outcome=paid", headers=headers)
    assert answer.status_code == HTTPStatus.UNSUPPORTED_MEDIA_TYPE


def _bodies() -> list[Any]:
    """List the operations that take JSON."""
    return [
        pytest.param(operation, id=operation.description["operationId"])
        for operation in operations()
        if "application/json" in _content(operation)
    ]


def _content(operation: Operation) -> Json:
    body = operation.description.get("requestBody", {})
    return dict(body.get("content", {}))


def _types(schema: Json) -> set[str]:
    """Return the types of JSON that a field takes."""
    schema = resolved(schema)
    if "oneOf" in schema:
        return set().union(*(_types(each) for each in schema["oneOf"]))
    kind = schema["type"]
    return {kind} if isinstance(kind, str) else set(kind)


# Values that are easily taken for others: 1 for true, "1" for 1, true for "true".
_VALUES = {"integer": 1, "boolean": True, "string": "1", "array": [], "object": {}}


@pytest.mark.parametrize("operation", _bodies())
def test_a_field_of_another_type_is_named_and_not_turned(
    admin: Api, operation: Operation
) -> None:
    schema = resolved(_content(operation)["application/json"]["schema"])
    path = operation.template.replace("{", "}").split("}")
    path[1::2] = [str(uuid4()) for _ in path[1::2]]
    for kind, value in _VALUES.items():
        sent = {
            name: value
            for name, field in schema["properties"].items()
            if kind not in _types(field)
        }
        answer = admin.call(
            operation.method, "".join(path).removeprefix("/api/v1"), sent
        )
        if sent:
            assert (answer.status, answer.code) == _WRONG, json.dumps(sent)
            assert sent.keys() <= answer.error["details"]["fields"].keys()
