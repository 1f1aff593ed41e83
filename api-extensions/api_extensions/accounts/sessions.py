"""How sessions come to be, go on and end; handlers only translate to and from HTTP."""

from datetime import timedelta

import psycopg

from api_extensions import errors, trace
from api_extensions.accounts import passwords, queries
from api_extensions.accounts.hashing import PasswordHashing
from api_extensions.accounts.queries import SessionGrant, SignInAttempt
from api_extensions.db import Database
from api_extensions.tokens import Caller, RefreshToken


class Sessions:
    """Registers, signs in, renews and signs out."""

    def __init__(
        self, database: Database, hashing: PasswordHashing, refresh_ttl: timedelta
    ) -> None:
        self._database = database
        self._hashing = hashing
        self._refresh_ttl = refresh_ttl

    async def register(self, *, name: str, mobile: str, password: str) -> SessionGrant:
        """Make an account and sign it in.

        Raises:
            AppError: VALIDATION_FAILED, or UNAVAILABLE when too many are hashing.
            psycopg.Error: CONFLICT when the mobile is taken.
        """
        async with self._database.system() as connection:
            canonical = await queries.normalize_mobile(connection, mobile)
        faults = {
            "mobile": None if canonical else "must be an Iranian mobile number",
            "password": passwords.find_fault(password, canonical),
        }
        _refuse(faults)
        password_hash = await self._hashing.hash(password)
        async with self._database.system() as connection:
            return await queries.register(
                connection,
                name=name,
                mobile=mobile,
                password_hash=password_hash,
                refresh_ttl=self._refresh_ttl,
            )

    async def sign_in(self, *, mobile: str, password: str) -> SessionGrant:
        """Open a session for a mobile and its password.

        Raises:
            AppError: RATE_LIMITED, or UNAUTHENTICATED: the same answer after the same
                time, whether the mobile or the password is wrong.
        """
        attempt = await self._begin(mobile)
        verification = await self._hashing.verify(attempt.password_hash, password)
        newer = await self._hashing.hash(password) if verification.is_outdated else None
        grant = None
        if verification.matches and attempt.user_id and attempt.password_hash:
            async with self._database.system() as connection:
                grant = await queries.sign_in(
                    connection,
                    user_id=attempt.user_id,
                    checked_password_hash=attempt.password_hash,
                    refresh_ttl=self._refresh_ttl,
                    new_password_hash=newer,
                )
        if grant is None:
            raise errors.unauthenticated("The mobile or the password is wrong.")
        return grant

    async def refresh(self, token: RefreshToken) -> SessionGrant:
        """Exchange a refresh token.

        Raises:
            AppError: UNAUTHENTICATED when the session is dead, or dies now because the
                token had been used before.
        """
        async with self._database.system() as connection:
            grant = await queries.rotate_refresh_token(
                connection,
                session_id=token.session_id,
                token_id=token.token_id,
                refresh_ttl=self._refresh_ttl,
            )
        # Only after the commit: a refusal must not roll the revocation back.
        if grant is None:
            raise errors.unauthenticated("This session has ended; sign in again.")
        return grant

    async def sign_out(self, caller: Caller) -> None:
        """End the caller's session.

        Raises:
            AppError: UNAUTHENTICATED when it, or the token, has ended already.
        """
        try:
            async with self._database.acting_for(caller) as connection:
                await queries.sign_out(connection, caller.session_id)
        except psycopg.Error as error:
            raise errors.from_database(error) from error

    async def abandon(self, token: RefreshToken) -> None:
        """End the session that a refresh token belongs to, dead or alive."""
        async with self._database.system() as connection:
            await queries.sign_out(connection, token.session_id)

    async def change_password(
        self, caller: Caller, *, current: str, new: str
    ) -> SessionGrant:
        """Set a new password, end every session and open a new one.

        Guessing the current password counts as trying to sign in.

        Raises:
            AppError: VALIDATION_FAILED for either password, RATE_LIMITED, or
                UNAUTHENTICATED when the password changes at the same moment.
            psycopg.Error: UNAUTHENTICATED when the session is dead.
        """
        async with self._database.as_caller(caller) as connection:
            mobile = await queries.own_mobile(connection) or ""
        attempt = await self._begin(mobile)
        verification = await self._hashing.verify(attempt.password_hash, current)
        _refuse(
            {
                "currentPassword": None if verification.matches else "is wrong",
                "newPassword": passwords.find_fault(new, mobile),
            }
        )
        password_hash = await self._hashing.hash(new)
        async with self._database.acting_for(caller) as connection:
            grant = await queries.change_password(
                connection,
                user_id=caller.user_id,
                checked_password_hash=attempt.password_hash,
                password_hash=password_hash,
                refresh_ttl=self._refresh_ttl,
            )
        if grant is None:
            raise errors.unauthenticated("The password has changed; sign in again.")
        return grant

    async def _begin(self, mobile: str) -> SignInAttempt:
        """Count an attempt, in a transaction that is over before anything is said."""
        async with self._database.system() as connection:
            attempt = await queries.begin_sign_in(
                connection, mobile=mobile, ip=trace.current().ip
            )
        if attempt.retry_after is not None:
            raise errors.rate_limited(attempt.retry_after)
        return attempt


def _refuse(faults: dict[str, str | None]) -> None:
    """Raise when any field has a fault."""
    real = {field: fault for field, fault in faults.items() if fault}
    if real:
        raise errors.invalid_fields(real)
