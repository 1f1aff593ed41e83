"""Reading JSON bodies: typed, camelCase, and refused with the names of the fields."""

import re
from typing import Annotated, TypeVar
from uuid import UUID

from aiohttp import web
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationError,
)
from pydantic_core import from_json

from api_extensions import errors
from api_extensions.casing import to_camel
from api_extensions.errors import AppError
from api_extensions.ids import NO_ID, read_id

# The gateway's words for the same complaints.
_COMPLAINTS = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    "model_type": "is not an object",
    "string_type": "is not a text",
    "bool_type": "is not true or false",
    "int_type": "is not a whole number",
    "int_parsing": "is not a whole number",
    "tuple_type": "is not a list",
    "uuid_type": NO_ID,
}


class _Sent(BaseModel):
    """What a caller sends: camelCase outside, snake_case inside."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)


class Body(_Sent):
    """The base of every body. JSON has types: `0` is not false, and `"7"` no number."""

    model_config = ConfigDict(strict=True)


class Query(_Sent):
    """The base of every query that is read here."""


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not contain the character zero")
    return text


# What PostgreSQL can store: it has no U+0000. It stands behind a string's other rules,
# or pydantic counts "items" and not characters.
STORABLE = AfterValidator(_storable)
Text = Annotated[str, STORABLE]


def _id(sent: object) -> object:
    return read_id(sent) if isinstance(sent, str) else sent


Id = Annotated[UUID, BeforeValidator(_id)]


def _digits(sent: object) -> object:
    if isinstance(sent, str) and not re.fullmatch("0|[1-9][0-9]*", sent):
        raise ValueError(_COMPLAINTS["int_type"])
    return sent


# Of a query; pydantic would take " 5", "5.0" and "1_000" as well.
Digits = Annotated[int, BeforeValidator(_digits)]

SomeBody = TypeVar("SomeBody", bound=Body)
SomeQuery = TypeVar("SomeQuery", bound=Query)


async def read_body(request: web.Request, kind: type[SomeBody]) -> SomeBody:
    """Read a JSON body; none at all is an empty object.

    Args:
        request: with `Content-Type: application/json`, if it has a body.
        kind: what the body must be.

    Raises:
        AppError: UNSUPPORTED_MEDIA_TYPE, INVALID_JSON, or VALIDATION_FAILED with the
            fields in its details.
    """
    content = await request.read()
    if content and request.content_type != "application/json":
        raise AppError("UNSUPPORTED_MEDIA_TYPE", "Send application/json.")
    content = content or b"{}"
    try:
        from_json(content, allow_inf_nan=False)  # pydantic would take NaN for a number
    except ValueError:
        raise AppError("INVALID_JSON", "The body is not valid JSON.") from None
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        raise _refusal(error) from None


def read_query(request: web.Request, kind: type[SomeQuery]) -> SomeQuery:
    """Read the parameters of a GET.

    Raises:
        AppError: VALIDATION_FAILED with the parameters in its details.
    """
    repeated = {name for name in request.query if len(request.query.getall(name)) > 1}
    if repeated:
        raise errors.invalid_fields(dict.fromkeys(repeated, "is given more than once"))
    try:
        return kind.model_validate(dict(request.query))
    except ValidationError as error:
        raise _refusal(error) from None


def _refusal(error: ValidationError) -> AppError:
    problems = error.errors(include_url=False, include_input=False)
    fields = {
        ".".join(str(part) for part in problem["loc"]) or "body": _complaint(
            problem["type"], problem["msg"]
        )
        for problem in problems
    }
    return errors.invalid_fields(fields)


def _complaint(kind: str, message: str) -> str:
    text = message.removeprefix("Value error, ").partition(" after validation")[0]
    return _COMPLAINTS.get(kind, re.sub("^(Input|String|Tuple) should", "should", text))
