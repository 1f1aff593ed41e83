"""Reading JSON bodies: typed, camelCase, and refused with the names of the fields."""

from typing import Annotated, TypeVar

from aiohttp import web
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from api_extensions import errors
from api_extensions.casing import to_camel
from api_extensions.errors import AppError

# The gateway's words for the same complaints.
_COMPLAINTS = {"missing": "is missing", "extra_forbidden": "is not known here"}


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


# A string that PostgreSQL can store (it has no U+0000).
Text = Annotated[str, AfterValidator(_storable)]

SomeBody = TypeVar("SomeBody", bound=Body)
SomeQuery = TypeVar("SomeQuery", bound=Query)


async def read_body(request: web.Request, kind: type[SomeBody]) -> SomeBody:
    """Read a JSON body.

    Args:
        request: with `Content-Type: application/json`.
        kind: what the body must be.

    Raises:
        AppError: UNSUPPORTED_MEDIA_TYPE, INVALID_JSON, or VALIDATION_FAILED with the
            fields in its details.
    """
    if request.content_type != "application/json":
        raise AppError("UNSUPPORTED_MEDIA_TYPE", "Send application/json.")
    try:
        return kind.model_validate_json(await request.read())
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
    if problems[0]["type"] == "json_invalid":
        return AppError("INVALID_JSON", "The body is not valid JSON.")
    fields = {
        ".".join(str(part) for part in problem["loc"]) or "body": _complaint(
            problem["type"], problem["msg"]
        )
        for problem in problems
    }
    return errors.invalid_fields(fields)


def _complaint(kind: str, message: str) -> str:
    text = message.removeprefix("Value error, ").replace("Input should", "should", 1)
    return _COMPLAINTS.get(kind, text)
