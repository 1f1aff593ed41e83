"""Tokens: complete, of the right kind, signed by us, and in time."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import jwt
import pytest

from api_extensions.errors import AppError
from api_extensions.settings import Settings
from api_extensions.tokens import RefreshToken, Tokens
from tests.extensions.conftest import Load

USER, SESSION, TOKEN = uuid4(), uuid4(), uuid4()


def access(tokens: Tokens) -> str:
    return tokens.make_access(
        user_id=USER, role="app_user", session_id=SESSION, issued_at=datetime.now(UTC)
    )


def refresh(tokens: Tokens) -> str:
    now = datetime.now(UTC)
    return tokens.make_refresh(
        session_id=SESSION,
        token_id=TOKEN,
        issued_at=now,
        expires_at=now + timedelta(days=1),
    )


def forged(settings: Settings, **changes: object) -> str:
    """An access token with our own signature, but other claims."""
    now = datetime.now(UTC)
    claims: dict[str, object] = {
        "sub": str(USER),
        "role": "app_user",
        "sid": str(SESSION),
        "aud": "vetline",
        "iat": now,
        "exp": now + timedelta(minutes=5),
        "jti": "1",
    }
    claims = {k: v for k, v in (claims | changes).items() if v is not None}
    return jwt.encode(claims, settings.jwt_access_secret.get_secret_value(), "HS256")


def test_an_access_token_says_who_and_which_session(settings: Settings) -> None:
    tokens = Tokens(settings)
    caller = tokens.read_access(access(tokens))
    assert (caller.user_id, caller.role) == (USER, "app_user")
    assert caller.session_id == SESSION
    assert set(caller.claims) == {"sub", "role", "sid", "aud", "iat", "exp", "jti"}
    assert caller.claims["exp"] - caller.claims["iat"] == 15 * 60


def test_no_two_tokens_are_the_same(settings: Settings) -> None:
    tokens = Tokens(settings)
    assert access(tokens) != access(tokens)


def test_a_refresh_token_names_its_session_and_itself(settings: Settings) -> None:
    tokens = Tokens(settings)
    assert tokens.read_refresh(refresh(tokens)) == RefreshToken(SESSION, TOKEN)


def test_neither_kind_passes_for_the_other(settings: Settings) -> None:
    tokens = Tokens(settings)
    with pytest.raises(AppError, match="UNAUTHENTICATED"):
        tokens.read_access(refresh(tokens))
    with pytest.raises(AppError, match="UNAUTHENTICATED"):
        tokens.read_refresh(access(tokens))


@pytest.mark.parametrize("hours", [-1, 1])
def test_times_are_the_databases_to_write_and_to_read(
    settings: Settings, hours: int
) -> None:
    """Our own clock may be wrong."""
    tokens = Tokens(settings)
    there = datetime.now(UTC) + timedelta(hours=hours)
    token = tokens.make_access(
        user_id=USER, role="app_user", session_id=SESSION, issued_at=there
    )
    claims = tokens.read_access(token).claims
    assert claims["iat"] == int(there.timestamp())
    assert claims["exp"] == claims["iat"] + 15 * 60


def test_the_previous_secret_still_opens_and_never_signs(load: Load) -> None:
    before = load()
    old = access(Tokens(before))
    after = load(
        JWT_ACCESS_SECRET="nM3bV7cX1zL5kJ9hG2fD6sA0pO4iU8yT",
        JWT_ACCESS_SECRET_PREVIOUS=before.jwt_access_secret.get_secret_value(),
    )
    assert Tokens(after).read_access(old).user_id == USER
    with pytest.raises(AppError, match="UNAUTHENTICATED"):
        Tokens(before).read_access(access(Tokens(after)))


@pytest.mark.parametrize("claim", ["sub", "role", "sid", "aud", "iat", "exp", "jti"])
def test_a_token_that_lacks_a_claim_is_refused(settings: Settings, claim: str) -> None:
    tokens = Tokens(settings)
    assert tokens.read_access(forged(settings)).user_id == USER
    with pytest.raises(AppError, match="UNAUTHENTICATED"):
        tokens.read_access(forged(settings, **{claim: None}))


@pytest.mark.parametrize(
    "changes",
    [
        {"role": "app_owner"},
        {"role": "sidecar"},
        {"aud": "another"},
        {"sub": "1; drop table"},
        {"sid": "none"},
    ],
)
def test_a_token_with_a_strange_claim_is_refused(
    settings: Settings, changes: dict[str, object]
) -> None:
    with pytest.raises(AppError, match="UNAUTHENTICATED"):
        Tokens(settings).read_access(forged(settings, **changes))


def test_unsigned_and_broken_tokens_are_refused(settings: Settings) -> None:
    unsigned = jwt.encode({"sub": str(UUID(int=1))}, key="", algorithm="none")
    for token in ("", "x", "a.b.c", unsigned):
        with pytest.raises(AppError, match="UNAUTHENTICATED"):
            Tokens(settings).read_access(token)
