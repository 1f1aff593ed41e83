"""Database errors, and the answers they stand for."""

import json
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from psycopg_pool import PoolTimeout

from api_extensions.errors import from_database


class Raised(psycopg.DatabaseError):
    """What psycopg raises for `app.fail`."""

    sqlstate = "PGRST"

    def __init__(self, message: dict[str, Any], detail: dict[str, Any]) -> None:
        super().__init__()
        self._told = SimpleNamespace(
            message_primary=json.dumps(message), message_detail=json.dumps(detail)
        )

    @property
    def diag(self) -> Any:
        """What the server told."""
        return self._told


def test_our_own_refusals_keep_code_status_details_and_headers() -> None:
    error = from_database(
        Raised(
            {
                "code": "SLOT_FULL",
                "message": "Taken.",
                "details": '{"nearest_slots": [{"start_at": "x"}]}',
                "hint": None,
            },
            {"status": 409, "headers": {"Retry-After": "3"}},
        )
    )
    assert (error.code, error.status, error.message) == ("SLOT_FULL", 409, "Taken.")
    assert error.details == {"nearestSlots": [{"startAt": "x"}]}
    assert error.headers == {"Retry-After": "3"}


def test_details_that_are_plain_text_stay_text() -> None:
    message = {"code": "NOT_FOUND", "message": "No.", "details": "why not"}
    error = from_database(Raised(message, {"status": 404, "headers": {}}))
    assert error.details == "why not"


@pytest.mark.parametrize(
    "error",
    [
        psycopg.errors.LockNotAvailable(),
        psycopg.errors.QueryCanceled(),
        psycopg.errors.DeadlockDetected(),
        psycopg.errors.TooManyConnections(),
        psycopg.errors.AdminShutdown(),
        psycopg.OperationalError("connection lost"),
        PoolTimeout(),
    ],
)
def test_what_passes_is_unavailable_for_now(error: psycopg.Error) -> None:
    answer = from_database(error)
    assert (answer.code, answer.status) == ("UNAVAILABLE", 503)
    assert answer.headers["Retry-After"]


@pytest.mark.parametrize(
    "error",
    [
        psycopg.errors.UniqueViolation("Key (mobile)=(0912…) exists"),
        psycopg.errors.InsufficientPrivilege("permission denied for table users"),
        psycopg.errors.UndefinedFunction("sidecar.register does not exist"),
    ],
)
def test_faults_of_our_own_tell_nothing(error: psycopg.Error) -> None:
    answer = from_database(error)
    assert (answer.code, answer.status, answer.details) == ("INTERNAL", 500, None)
    assert "does not exist" not in answer.message
