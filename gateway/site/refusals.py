"""Refusals as OpenAPI has them: a schema for each code, a response for each status."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from gateway.site.errors import ErrorCode

Json = dict[str, Any]

# What any operation can answer: OpenAPI's `default`.
_SHARED = (
    "INVALID_JSON",
    "VALIDATION_FAILED",
    "PAYLOAD_TOO_LARGE",
    "UNSUPPORTED_MEDIA_TYPE",
    "RATE_LIMITED",
    "INTERNAL",
    "UNAVAILABLE",
)


def schema_name(code: str) -> str:
    """Name a code's schema: SlotFullRefusal."""
    return code.title().replace("_", "") + "Refusal"


def refusal_schema(code: str, described: Json) -> Json:
    """Describe the envelope with one code in it.

    Args:
        code: of docs/errors.md.
        described: its entry in errors.yaml.
    """
    details = described.get("details", {"type": "null"})
    error = {
        "type": "object",
        "required": ["code", "message", "details"],
        "properties": {
            "code": {"type": "string", "const": code},
            "message": {
                "description": "For people; may change.",
                "type": "string",
                "examples": [described["message"]],
            },
            "details": details,
        },
    }
    return {
        "type": "object",
        "required": ["ok", "error"],
        "properties": {"ok": {"type": "boolean", "const": False}, "error": error},
        "examples": [
            {
                "ok": False,
                "error": {
                    "code": code,
                    "message": described["message"],
                    "details": details.get("examples", [None])[0],
                },
            }
        ],
    }


def refusal_response(codes: Sequence[ErrorCode]) -> Json:
    """Describe an answer that carries one of these codes."""
    references = [
        {"$ref": f"#/components/schemas/{schema_name(code.code)}"} for code in codes
    ]
    schema = references[0] if len(references) == 1 else {"oneOf": references}
    response: Json = {
        "description": "  \n".join(f"`{c.code}`: {c.meaning}" for c in codes),
        "content": {"application/json": {"schema": schema}},
    }
    if {code.status for code in codes} == {HTTPStatus.TOO_MANY_REQUESTS}:
        response["headers"] = {
            "Retry-After": {"$ref": "#/components/headers/RetryAfter"}
        }
    return response


def shared_refusals(codes: Mapping[str, ErrorCode]) -> Json:
    """Describe what any operation can answer."""
    return refusal_response([codes[code] for code in _SHARED])


def method_not_allowed(codes: Mapping[str, ErrorCode]) -> Json:
    """Describe the answer to a method that a path does not take."""
    response = refusal_response([codes["METHOD_NOT_ALLOWED"]])
    allow = {"description": "The methods that it takes.", "schema": {"type": "string"}}
    return response | {"headers": {"Allow": {**allow, "required": True}}}
