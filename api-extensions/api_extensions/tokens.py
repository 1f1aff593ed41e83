"""Access and refresh tokens: made for a session, read from a request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import jwt

from api_extensions import errors
from api_extensions.settings import Settings

_ALGORITHM = "HS256"
_ROLES = {"app_user", "app_doctor", "app_admin"}


@dataclass(frozen=True)
class Caller:
    """Who an access token speaks for; whether the session lives, the database knows.

    Attributes:
        claims: all of the token's, for `request.jwt.claims`.
        role: the database role to act as.
        user_id: the person.
        session_id: the session to end at sign-out.
    """

    claims: Mapping[str, Any]
    role: str
    user_id: UUID
    session_id: UUID


@dataclass(frozen=True)
class RefreshToken:
    """What a refresh token names: a session, and one of its single-use tokens."""

    session_id: UUID
    token_id: UUID


class Tokens:
    """Makes and reads tokens with the configured secrets."""

    def __init__(self, settings: Settings) -> None:
        self._audience = settings.jwt_audience
        self._access_ttl = settings.access_ttl
        secrets = (settings.jwt_access_secret, settings.jwt_access_secret_previous)
        self._access_keys = [key.get_secret_value() for key in secrets if key]
        self._refresh_keys = [settings.jwt_refresh_secret.get_secret_value()]

    def make_access(
        self, *, user_id: UUID, role: str, session_id: UUID, issued_at: datetime
    ) -> str:
        """Make a short-lived token for PostgREST and the sidecar.

        Args:
            user_id: whose it is.
            role: the database role, such as `app_user`.
            session_id: ends with this session, whatever `exp` says.
            issued_at: now, by the database's clock.
        """
        claims = {
            "sub": str(user_id),
            "role": role,
            "sid": str(session_id),
            "aud": self._audience,
            "iat": issued_at,
            "exp": issued_at + self._access_ttl,
            "jti": str(uuid4()),
        }
        return jwt.encode(claims, self._access_keys[0], algorithm=_ALGORITHM)

    def make_refresh(
        self,
        *,
        session_id: UUID,
        token_id: UUID,
        issued_at: datetime,
        expires_at: datetime,
    ) -> str:
        """Make the long-lived token that can be shown once for a new pair."""
        claims = {
            "sid": str(session_id),
            "jti": str(token_id),
            "aud": self._audience,
            "iat": issued_at,
            "exp": expires_at,
        }
        return jwt.encode(claims, self._refresh_keys[0], algorithm=_ALGORITHM)

    def read_access(self, token: str) -> Caller:
        """Check an access token, also one signed with the previous secret.

        Whether it has expired, and whether its session lives, the database says.

        Raises:
            AppError: UNAUTHENTICATED when it is forged or incomplete.
        """
        claims = self._decode(token, self._access_keys, ["sub", "role", "sid"])
        if claims["role"] not in _ROLES:
            raise errors.unauthenticated()
        return Caller(
            claims=claims,
            role=claims["role"],
            user_id=_uuid(claims["sub"]),
            session_id=_uuid(claims["sid"]),
        )

    def read_refresh(self, token: str) -> RefreshToken:
        """Check a refresh token; the session's end, the database knows.

        Raises:
            AppError: UNAUTHENTICATED when it is forged or incomplete.
        """
        claims = self._decode(token, self._refresh_keys, ["sid"])
        return RefreshToken(_uuid(claims["sid"]), _uuid(claims["jti"]))

    def _decode(
        self, token: str, keys: Sequence[str], required: list[str]
    ) -> dict[str, Any]:
        # The times in it are the database's, which says itself whether they have passed
        # (app.check_request, sidecar.rotate_refresh_token): our clock may be wrong.
        for key in keys:
            try:
                return jwt.decode(
                    token,
                    key,
                    algorithms=[_ALGORITHM],
                    audience=self._audience,
                    options={
                        "require": ["exp", "aud", "iat", "jti", *required],
                        "verify_exp": False,
                        "verify_iat": False,
                        "verify_nbf": False,
                    },
                )
            except jwt.InvalidTokenError:
                continue
        raise errors.unauthenticated()


def _uuid(text: object) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        raise errors.unauthenticated() from None
