"""Reading what a path names."""

from uuid import UUID

from aiohttp import web

from api_extensions import errors
from api_extensions.casing import to_camel
from api_extensions.ids import NO_ID, read_id


def id_of(request: web.Request, name: str) -> UUID:
    """Read the id in a path.

    Args:
        request: whose route has the parameter.
        name: of the parameter.

    Raises:
        AppError: VALIDATION_FAILED when it is no id, as the gateway says first.
    """
    try:
        return read_id(request.match_info[name])
    except ValueError:
        raise errors.invalid_fields({to_camel(name): NO_ID}) from None
