"""GET /api/v1/admin/consultations/{id}: a consultation whole, with links to its files.

The rest of it is PostgREST's to show; only the sidecar can sign.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from aiohttp import web

from api_extensions import errors
from api_extensions.bodies import Query, read_query
from api_extensions.callers import caller_of
from api_extensions.casing import camelize
from api_extensions.envelope import success
from api_extensions.files import queries
from api_extensions.files.queries import MediaObject
from api_extensions.files.store import URL_SECONDS, Store
from api_extensions.keys import DATABASE, STORE
from api_extensions.paths import id_of

routes = web.RouteTableDef()


@routes.get("/api/v1/admin/consultations/{id}")
async def handle_consultation(request: web.Request) -> web.Response:
    """Show a consultation to an admin; its ETag is the version of it that is shown."""
    caller, consultation_id = caller_of(request), id_of(request, "id")
    read_query(request, Query)
    database = request.app[DATABASE]
    async with database.acting_for(caller) as connection:
        objects = await queries.consultation_objects(connection, consultation_id)
    async with database.as_caller(caller) as connection:
        details = await queries.show_details(connection, consultation_id)
        now = datetime.now(connection.info.timezone)  # the clinic's
    if details is None:
        raise errors.not_found()
    details["media"] = _linked(details["media"], objects, request.app[STORE], now)
    response = success(camelize(details))
    response.headers["ETag"] = f'"{details["version"]}"'
    return response


def _linked(
    media: list[dict[str, Any]],
    objects: Mapping[UUID, MediaObject],
    store: Store,
    now: datetime,
) -> list[dict[str, Any]]:
    """Add its link to each file; one that came this very moment waits for a look."""
    expires_at = now + timedelta(seconds=URL_SECONDS)
    return [
        file
        | {
            "url": store.signed_get(
                found.object_key, mime_type=found.mime_type, filename=found.filename
            ),
            "url_expires_at": expires_at.isoformat(),
        }
        for file in media
        if (found := objects.get(UUID(file["id"])))
    ]
