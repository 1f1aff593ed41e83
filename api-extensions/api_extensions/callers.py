"""Who sent a request: its bearer token (nginx makes one of the access cookie)."""

from aiohttp import web

from api_extensions import errors
from api_extensions.keys import TOKENS
from api_extensions.tokens import Caller


def caller_of(request: web.Request) -> Caller:
    """Read the request's access token.

    Raises:
        AppError: UNAUTHENTICATED without a valid one.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise errors.unauthenticated()
    return request.app[TOKENS].read_access(token.strip())
