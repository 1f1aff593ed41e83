"""Acting as somebody: what PostgREST and the sidecar do around each request."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import time
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from tests.support.database import Connection

_SETTINGS = ("role", "request.jwt.claims", "request.headers", "TimeZone")


@dataclass(frozen=True)
class Person:
    """Somebody with a live session."""

    user_id: UUID
    session_id: UUID
    db_role: str
    name: str
    mobile: str

    @property
    def claims(self) -> dict[str, Any]:
        """The claims of the access token they would be given now."""
        now = int(time())
        return {
            "sub": str(self.user_id),
            "role": self.db_role,
            "sid": str(self.session_id),
            "aud": "vetline",
            "iat": now,
            "exp": now + 900,
            "jti": str(uuid4()),
        }


@dataclass
class Refusal:
    """What `app.fail` told the caller; filled when the `refused` block is left."""

    code: str = ""
    status: int = 0
    message: str = ""
    details: Any = field(default=None)


@contextmanager
def as_role(
    conn: Connection,
    role: str,
    claims: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """Be `role` for a block, in a transaction of its own (or a savepoint).

    Like a request it is undone as a whole when a statement in it fails.

    Args:
        conn: of a session user who may become `role`.
        role: a database role.
        claims: of the access token; none by default (anonymous, or the system).
        headers: of the request, by lower-case name.
    """
    with conn.transaction():
        query = "select current_setting(%(name)s, true) as setting"
        before = {}
        for name in _SETTINGS:
            row = conn.execute(query, {"name": name}).fetchone()
            before[name] = row["setting"] if row else None
        _set(conn, "request.jwt.claims", json.dumps(claims) if claims else "")
        _set(conn, "request.headers", json.dumps(headers or {}))
        _set(conn, "role", role)
        yield
        if conn.info.transaction_status == TransactionStatus.INERROR:
            raise psycopg.Rollback
        for name, setting in before.items():
            _set(conn, name, setting or "")


@contextmanager
def as_person(conn: Connection, person: Person) -> Iterator[None]:
    """Be a signed-in person for a block, after PostgREST's check of the request."""
    headers = {"x-request-id": str(uuid4()), "x-real-ip": "192.0.2.1"}
    with as_role(conn, person.db_role, person.claims, headers):
        conn.execute("select app.check_request()")
        yield


@contextmanager
def refused(code: str) -> Iterator[Refusal]:
    """Expect the block to be refused by `app.fail` with `code`."""
    refusal = Refusal()
    with pytest.raises(psycopg.Error) as raised:
        yield refusal
    assert raised.value.sqlstate == "PGRST", raised.value
    body = json.loads(raised.value.diag.message_primary or "")
    refusal.code = body["code"]
    refusal.message = body["message"]
    refusal.details = json.loads(body["details"]) if body["details"] else None
    refusal.status = json.loads(raised.value.diag.message_detail or "")["status"]
    assert refusal.code == code, body


def _set(conn: Connection, name: str, setting: str) -> None:
    """Set something until the end of the transaction."""
    conn.execute("select set_config(%s, %s, true)", [name, setting])
