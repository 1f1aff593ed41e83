"""The database's side of accounts: its functions, and the rows they return."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from api_extensions.db import Connection, fetch_one, fetch_optional, fetch_value

_NORMALIZE_MOBILE = "select app.normalize_mobile(mobile => %(mobile)s)"
_OWN_MOBILE = "select mobile from api.me"
_REGISTER = """
select *, clock_timestamp() as issued_at from sidecar.register(
    name => %(name)s, mobile => %(mobile)s,
    password_hash => %(password_hash)s, refresh_ttl => %(refresh_ttl)s)
"""
_BEGIN_SIGN_IN = """
select * from sidecar.begin_sign_in(mobile => %(mobile)s, ip => %(ip)s)
"""
# Here and below, a refusal comes as a row of nulls.
_SIGN_IN = """
select *, clock_timestamp() as issued_at from sidecar.sign_in(
    user_id => %(user_id)s, checked_password_hash => %(checked_password_hash)s,
    refresh_ttl => %(refresh_ttl)s,
    new_password_hash => %(new_password_hash)s) as session_grant
where session_grant.session_id is not null
"""
_ROTATE = """
select *, clock_timestamp() as issued_at from sidecar.rotate_refresh_token(
    session_id => %(session_id)s, token_id => %(token_id)s,
    refresh_ttl => %(refresh_ttl)s) as session_grant
where session_grant.session_id is not null
"""
_SIGN_OUT = "select sidecar.sign_out(session_id => %(session_id)s)"
_CHANGE = """
select *, clock_timestamp() as issued_at from sidecar.change_password(
    user_id => %(user_id)s, password_hash => %(password_hash)s,
    refresh_ttl => %(refresh_ttl)s,
    checked_password_hash => %(checked_password_hash)s) as session_grant
where session_grant.session_id is not null
"""


@dataclass(frozen=True)
class SessionGrant:
    """A session that was opened or renewed: whose it is, and its refresh token.

    Attributes:
        issued_at: now, by the clock that will say whether its tokens have expired.
    """

    user_id: UUID
    role: str
    db_role: str
    name: str
    mobile: str
    session_id: UUID
    refresh_token_id: UUID
    refresh_expires_at: datetime
    issued_at: datetime


@dataclass(frozen=True)
class SignInAttempt:
    """A counted attempt.

    Attributes:
        user_id: None when nobody active has this mobile.
        password_hash: None likewise.
        retry_after: seconds to wait when there were too many attempts; else None.
    """

    user_id: UUID | None
    password_hash: str | None
    retry_after: int | None


async def normalize_mobile(connection: Connection, mobile: str) -> str | None:
    """Give a mobile's canonical form, or None when it is none."""
    value: str | None = await fetch_value(
        connection, _NORMALIZE_MOBILE, {"mobile": mobile}
    )
    return value


async def own_mobile(connection: Connection) -> str | None:
    """Give the caller's mobile (the transaction acts as the caller)."""
    value: str | None = await fetch_value(connection, _OWN_MOBILE, {})
    return value


async def register(
    connection: Connection,
    *,
    name: str,
    mobile: str,
    password_hash: str,
    refresh_ttl: timedelta,
) -> SessionGrant:
    """Make an account and open its first session (409 when the mobile is taken)."""
    values = {
        "name": name,
        "mobile": mobile,
        "password_hash": password_hash,
        "refresh_ttl": refresh_ttl,
    }
    return await fetch_one(connection, SessionGrant, _REGISTER, values)


async def begin_sign_in(
    connection: Connection, *, mobile: str, ip: str
) -> SignInAttempt:
    """Count an attempt and fetch the hash to compare with; commit before answering."""
    values = {"mobile": mobile, "ip": ip}
    return await fetch_one(connection, SignInAttempt, _BEGIN_SIGN_IN, values)


async def sign_in(
    connection: Connection,
    *,
    user_id: UUID,
    checked_password_hash: str,
    refresh_ttl: timedelta,
    new_password_hash: str | None,
) -> SessionGrant | None:
    """Open a session for one whose password matched; store its newer hash, if any.

    None when the password was changed since its hash was read.
    """
    values = {
        "user_id": user_id,
        "checked_password_hash": checked_password_hash,
        "refresh_ttl": refresh_ttl,
        "new_password_hash": new_password_hash,
    }
    return await fetch_optional(connection, SessionGrant, _SIGN_IN, values)


async def rotate_refresh_token(
    connection: Connection, *, session_id: UUID, token_id: UUID, refresh_ttl: timedelta
) -> SessionGrant | None:
    """Use a refresh token up; None when it was refused. Commit either way."""
    values = {
        "session_id": session_id,
        "token_id": token_id,
        "refresh_ttl": refresh_ttl,
    }
    return await fetch_optional(connection, SessionGrant, _ROTATE, values)


async def sign_out(connection: Connection, session_id: UUID) -> None:
    """End a session at once."""
    await connection.execute(_SIGN_OUT, {"session_id": session_id})


async def change_password(
    connection: Connection,
    *,
    user_id: UUID,
    checked_password_hash: str | None,
    password_hash: str,
    refresh_ttl: timedelta,
) -> SessionGrant | None:
    """Store a new hash, end every session of the person and open a new one.

    None when the password was changed since its hash was read.
    """
    values = {
        "user_id": user_id,
        "checked_password_hash": checked_password_hash,
        "password_hash": password_hash,
        "refresh_ttl": refresh_ttl,
    }
    return await fetch_optional(connection, SessionGrant, _CHANGE, values)
