"""Reading JSON bodies: typed, camelCase, and refused with the names of the fields."""

from typing import Annotated, TypeVar

from aiohttp import web
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from api_extensions import errors
from api_extensions.casing import to_camel
from api_extensions.errors import AppError

# The gateway's words for the same complaints.
_COMPLAINTS = {"missing": "is missing", "extra_forbidden": "is not known here"}


class Body(BaseModel):
    """The base of every body: camelCase outside, snake_case inside."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not contain the character zero")
    return text


# A string that PostgreSQL can store (it has no U+0000).
Text = Annotated[str, AfterValidator(_storable)]

SomeBody = TypeVar("SomeBody", bound=Body)


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
