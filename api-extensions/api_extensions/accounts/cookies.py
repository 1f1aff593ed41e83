"""The two cookies of a browser's session."""

from aiohttp import web

from api_extensions.settings import Settings

ACCESS, REFRESH = "access", "refresh"
# The refresh token is shown only where it is used.
_PATHS = {ACCESS: "/", REFRESH: "/api/v1/auth"}


def set_cookie(
    response: web.Response, name: str, token: str, *, max_age: int, settings: Settings
) -> None:
    """Give the browser a token that scripts can't read.

    Args:
        response: to set it on.
        name: ACCESS or REFRESH.
        token: the JWT.
        max_age: seconds the browser keeps it.
        settings: say whether only https may carry it.
    """
    response.set_cookie(
        name,
        token,
        path=_PATHS[name],
        max_age=max_age,
        httponly=True,
        samesite="Lax",
        secure=settings.cookie_secure,
    )


def clear_cookies(response: web.Response, settings: Settings) -> None:
    """Make the browser forget both tokens."""
    for name in _PATHS:
        set_cookie(response, name, "", max_age=0, settings=settings)
