"""Reading what a path names."""

from uuid import UUID

from aiohttp import web

from api_extensions import errors


def id_of(request: web.Request, name: str) -> UUID:
    """Read the id in a path.

    Args:
        request: whose route has the parameter.
        name: of the parameter.

    Raises:
        AppError: NOT_FOUND when it is no id: there is nothing by that name.
    """
    try:
        return UUID(request.match_info[name])
    except ValueError:
        raise errors.not_found() from None
