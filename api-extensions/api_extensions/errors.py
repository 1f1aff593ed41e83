"""Refusals, the sidecar's and the database's, in the codes of docs/errors.md."""

import json
from collections.abc import Mapping
from typing import Any

import psycopg

from api_extensions.casing import camelize

STATUSES: Mapping[str, int] = {
    "INVALID_JSON": 400,
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "METHOD_NOT_ALLOWED": 405,
    "CONFLICT": 409,
    "INVALID_STATE": 409,
    "PAYMENT_IN_PROGRESS": 409,
    "PAYLOAD_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "VALIDATION_FAILED": 422,
    "RATE_LIMITED": 429,
    "INTERNAL": 500,
    "GATEWAY_UNAVAILABLE": 502,
    "STORAGE_UNAVAILABLE": 503,
    "UNAVAILABLE": 503,
}

# What `app.fail` raises in SQL; PostgREST knows the same convention.
RAISED_BY_US = "PGRST"


class AppError(Exception):
    """A refusal that the caller is told about.

    Attributes:
        code: one of docs/errors.md.
        message: a sentence for the developer of a client.
        details: what a client may act on, camelCase; None when there is nothing.
        status: the HTTP status; follows from the code unless given.
        headers: further headers of the answer.
    """

    def __init__(
        self,
        code: str,
        message: str,
        details: object = None,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.details = details
        self.status = status or STATUSES[code]
        self.headers = dict(headers or {})


def unauthenticated(message: str = "Sign in first.") -> AppError:
    """Refuse a caller who has not proved who they are."""
    return AppError("UNAUTHENTICATED", message)


def not_found(message: str = "There is nothing here.") -> AppError:
    """Refuse what does not exist, or is not the caller's to see."""
    return AppError("NOT_FOUND", message)


def malformed(status: int = 400) -> AppError:
    """Refuse a request that can't be read at all."""
    return AppError("VALIDATION_FAILED", "The request is malformed.", status=status)


def invalid_fields(fields: Mapping[str, str]) -> AppError:
    """Refuse a body.

    Args:
        fields: what is wrong with each field, by its name in camelCase.
    """
    message = "Some fields are missing or not valid."
    return AppError("VALIDATION_FAILED", message, {"fields": dict(fields)})


def rate_limited(retry_after: int) -> AppError:
    """Refuse one who tries too often.

    Args:
        retry_after: seconds until the next attempt is counted as a first one.
    """
    headers = {"Retry-After": str(max(1, retry_after))}
    return AppError(
        "RATE_LIMITED", "Too many attempts; wait a little.", headers=headers
    )


def unavailable() -> AppError:
    """Refuse because we are too busy, or the database does not answer."""
    headers = {"Retry-After": "1"}
    return AppError(
        "UNAVAILABLE", "Busy right now; try again shortly.", headers=headers
    )


def storage_unavailable() -> AppError:
    """Refuse because the object store does not answer."""
    message = "Files can't be stored or read right now; try again shortly."
    return AppError("STORAGE_UNAVAILABLE", message, headers={"Retry-After": "5"})


def internal() -> AppError:
    """Answer a fault of our own without telling anything about it."""
    return AppError("INTERNAL", "Something went wrong on our side.")


def from_database(error: psycopg.Error) -> AppError:
    """Translate a database error into the answer it stands for.

    Our own refusals carry theirs; time-outs, a full pool and lost connections are
    temporary; anything else is a fault that tells the caller nothing.
    """
    if error.sqlstate == RAISED_BY_US:
        return _raised_by_us(error)
    if isinstance(error, psycopg.OperationalError):
        return unavailable()  # the pool's errors are OperationalErrors too
    return internal()


def _raised_by_us(error: psycopg.Error) -> AppError:
    body: dict[str, Any] = json.loads(error.diag.message_primary or "{}")
    response: dict[str, Any] = json.loads(error.diag.message_detail or "{}")
    return AppError(
        body["code"],
        body["message"],
        camelize(_parsed(body.get("details"))),
        status=response["status"],
        headers=response.get("headers"),
    )


def _parsed(details: object) -> object:
    """Open details that are JSON in a string: PostgREST 12 takes only text there."""
    if not isinstance(details, str):
        return details
    try:
        return json.loads(details)
    except ValueError:
        return details
