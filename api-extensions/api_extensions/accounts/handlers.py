"""/api/v1/auth/*: bodies in, cookies or tokens out."""

from typing import Annotated, Any

from aiohttp import web
from pydantic import StringConstraints

from api_extensions import errors
from api_extensions.accounts.cookies import ACCESS, REFRESH, clear_cookies, set_cookie
from api_extensions.accounts.queries import SessionGrant
from api_extensions.bodies import STORABLE, Body, Text, read_body
from api_extensions.callers import caller_of
from api_extensions.envelope import failure, success
from api_extensions.errors import AppError
from api_extensions.keys import SESSIONS, SETTINGS, TOKENS

routes = web.RouteTableDef()

Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    STORABLE,
]


class Registration(Body):
    """POST /auth/register."""

    name: Name
    mobile: Text
    password: str


class Credentials(Body):
    """POST /auth/login."""

    mobile: Text
    password: str


class TokenRequest(Body):
    """POST /auth/token: mobile and password, or a refresh token."""

    mobile: Text | None = None
    password: str | None = None
    refresh_token: str | None = None


class PasswordChange(Body):
    """POST /auth/change-password."""

    current_password: str
    new_password: str


@routes.post("/api/v1/auth/register")
async def handle_register(request: web.Request) -> web.Response:
    """Make an account; the answer signs the browser in."""
    body = await read_body(request, Registration)
    grant = await request.app[SESSIONS].register(
        name=body.name, mobile=body.mobile, password=body.password
    )
    return _signed_in(request, grant, status=201)


@routes.post("/api/v1/auth/login")
async def handle_login(request: web.Request) -> web.Response:
    """Sign a browser in."""
    body = await read_body(request, Credentials)
    grant = await request.app[SESSIONS].sign_in(
        mobile=body.mobile, password=body.password
    )
    return _signed_in(request, grant)


@routes.post("/api/v1/auth/refresh")
async def handle_refresh(request: web.Request) -> web.Response:
    """Renew a browser's session by its refresh cookie; forget cookies that are dead."""
    try:
        token = request.app[TOKENS].read_refresh(request.cookies.get(REFRESH, ""))
        grant = await request.app[SESSIONS].refresh(token)
    except AppError as error:
        return _signed_out(request, failure(error))
    return _signed_in(request, grant)


@routes.post("/api/v1/auth/logout")
async def handle_logout(request: web.Request) -> web.Response:
    """End the session at once and make the browser forget it.

    A browser whose access token has run out proves its session by the refresh cookie.
    """
    sessions = request.app[SESSIONS]
    try:
        await sessions.sign_out(caller_of(request))
    except AppError as error:
        if error.code != "UNAUTHENTICATED":
            raise
        cookie = request.cookies.get(REFRESH, "")
        await sessions.abandon(request.app[TOKENS].read_refresh(cookie))
    return _signed_out(request, success(None))


@routes.post("/api/v1/auth/token")
async def handle_token(request: web.Request) -> web.Response:
    """Give a client without cookies its pair of tokens, or renew it."""
    body = await read_body(request, TokenRequest)
    sessions = request.app[SESSIONS]
    if body.refresh_token is not None:
        token = request.app[TOKENS].read_refresh(body.refresh_token)
        return success(_token_pair(request, await sessions.refresh(token)))
    if body.mobile is None or body.password is None:
        given = {"mobile": body.mobile, "password": body.password}
        missing = {name: "is missing" for name, value in given.items() if value is None}
        raise errors.invalid_fields(missing)
    grant = await sessions.sign_in(mobile=body.mobile, password=body.password)
    return success(_token_pair(request, grant))


@routes.post("/api/v1/auth/change-password")
async def handle_change_password(request: web.Request) -> web.Response:
    """Change the password; every session ends, and this browser gets a new one."""
    caller = caller_of(request)
    body = await read_body(request, PasswordChange)
    grant = await request.app[SESSIONS].change_password(
        caller, current=body.current_password, new=body.new_password
    )
    return _signed_in(request, grant)


def _token_pair(request: web.Request, grant: SessionGrant) -> dict[str, Any]:
    tokens = request.app[TOKENS]
    access_ttl = request.app[SETTINGS].access_ttl
    return {
        "accessToken": tokens.make_access(
            user_id=grant.user_id,
            role=grant.db_role,
            session_id=grant.session_id,
            issued_at=grant.issued_at,
        ),
        "refreshToken": tokens.make_refresh(
            session_id=grant.session_id,
            token_id=grant.refresh_token_id,
            issued_at=grant.issued_at,
            expires_at=grant.refresh_expires_at,
        ),
        "expiresIn": int(access_ttl.total_seconds()),
    }


def _signed_in(
    request: web.Request, grant: SessionGrant, *, status: int = 200
) -> web.Response:
    user = {
        "id": str(grant.user_id),
        "role": grant.role,
        "name": grant.name,
        "mobile": grant.mobile,
    }
    pair = _token_pair(request, grant)
    settings = request.app[SETTINGS]
    left = grant.refresh_expires_at - grant.issued_at
    response = success({"user": user, "expiresIn": pair["expiresIn"]}, status=status)
    for name, token, max_age in (
        (ACCESS, pair["accessToken"], pair["expiresIn"]),
        (REFRESH, pair["refreshToken"], int(left.total_seconds())),
    ):
        set_cookie(response, name, token, max_age=max_age, settings=settings)
    return response


def _signed_out(request: web.Request, response: web.Response) -> web.Response:
    clear_cookies(response, request.app[SETTINGS])
    return response
