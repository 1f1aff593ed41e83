"""The endpoints of files: presign, attachments, details, download."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from aiohttp import web
from pydantic import Field, model_validator

from api_extensions import errors
from api_extensions.bodies import Body, Digits, Id, Query, Text, read_body, read_query
from api_extensions.callers import caller_of
from api_extensions.casing import camelize
from api_extensions.db import Connection
from api_extensions.envelope import success
from api_extensions.files import queries
from api_extensions.files.registration import Checked
from api_extensions.keys import DATABASE, REGISTRATION, STORE
from api_extensions.paths import id_of

routes = web.RouteTableDef()

# More files than a consultation can have are not worth looking at.
MAX_ATTACHMENTS = 10


class Presign(Query):
    """GET /uploads/presign (the parameters of its query)."""

    category: Text
    ext: Text
    size: Annotated[Digits, Field(ge=1, lt=2**53)]
    purpose: Text | None = None


class Attachment(Body):
    """POST /consultations/{consultationId}/attachments; purpose may be the ticket's."""

    upload_key: Text
    purpose: Text | None = None


class Details(Body):
    """PATCH /consultations/{consultationId}/details."""

    message_text: Text | None = None
    voice_media_id: Id | None = None
    voice_upload_key: Text | None = None
    attachments: Annotated[
        tuple[Attachment, ...], Field(max_length=MAX_ATTACHMENTS)
    ] = ()

    @model_validator(mode="after")
    def _one_voice(self) -> "Details":
        if self.voice_media_id and self.voice_upload_key:
            raise ValueError("takes voiceMediaId or voiceUploadKey, not both")
        return self

    @property
    def fields(self) -> dict[str, str]:
        """The names of the uploads in the body, by their keys."""
        names = {
            attachment.upload_key: f"attachments.{number}.uploadKey"
            for number, attachment in enumerate(self.attachments)
        }
        if self.voice_upload_key:
            names[self.voice_upload_key] = "voiceUploadKey"
        return names

    def is_repetitive(self) -> bool:
        """Tell whether an upload is named twice."""
        return len(self.fields) < len(self.attachments) + bool(self.voice_upload_key)


@routes.get("/api/v1/uploads/presign", allow_head=False)
async def handle_presign(request: web.Request) -> web.Response:
    """Write a ticket for one upload, and sign it."""
    caller, wanted = caller_of(request), read_query(request, Presign)
    async with request.app[DATABASE].acting_for(caller) as connection:
        upload = await queries.create_upload(
            connection,
            category=wanted.category,
            ext=wanted.ext,
            size=wanted.size,
            purpose=wanted.purpose,
        )
    if upload.upload_key is None or upload.mime_type is None:
        raise errors.rate_limited(upload.retry_after or 1)
    url, headers = request.app[STORE].signed_put(
        upload.upload_key, mime_type=upload.mime_type, size=wanted.size
    )
    return success(
        {
            "uploadKey": upload.upload_key,
            "url": url,
            "method": "PUT",
            "headers": headers,
            "expiresAt": upload.expires_at and upload.expires_at.isoformat(),
        }
    )


@routes.post("/api/v1/consultations/{consultation_id}/attachments")
async def handle_attachments(request: web.Request) -> web.Response:
    """Register an upload on the caller's consultation."""
    caller, consultation_id = caller_of(request), id_of(request, "consultation_id")
    body = await read_body(request, Attachment)

    async def record(connection: Connection, checked: Mapping[str, Checked]) -> UUID:
        return await _register(connection, consultation_id, body, checked)

    media_id = await request.app[REGISTRATION].run(
        caller, consultation_id, {body.upload_key: "uploadKey"}, record
    )
    async with request.app[DATABASE].as_caller(caller) as connection:
        media = await queries.show_media(connection, media_id)
    return success(_described(media), status=201)


@routes.patch("/api/v1/consultations/{consultation_id}/details")
async def handle_details(request: web.Request) -> web.Response:
    """Describe the problem: text, voice note and attachments, all or none."""
    caller, consultation_id = caller_of(request), id_of(request, "consultation_id")
    details = await read_body(request, Details)
    if details.is_repetitive():
        raise errors.invalid_fields({"attachments": "names an upload twice"})

    async def record(connection: Connection, checked: Mapping[str, Checked]) -> None:
        await _record_details(connection, consultation_id, details, checked)

    if details.fields:
        await request.app[REGISTRATION].run(
            caller, consultation_id, details.fields, record
        )
    else:
        async with request.app[DATABASE].acting_for(caller) as connection:
            await record(connection, {})
    async with request.app[DATABASE].as_caller(caller) as connection:
        consultation = await queries.show_consultation(connection, consultation_id)
    return success(_described(consultation))


async def _record_details(
    connection: Connection,
    consultation_id: UUID,
    details: Details,
    checked: Mapping[str, Checked],
) -> None:
    voice_media_id = details.voice_media_id
    if details.voice_upload_key:
        await queries.drop_voice_note(connection, consultation_id)
        note = Attachment(uploadKey=details.voice_upload_key, purpose="VOICE_NOTE")
        voice_media_id = await _register(connection, consultation_id, note, checked)
    for attachment in details.attachments:
        await _register(connection, consultation_id, attachment, checked)
    await queries.submit_details(
        connection,
        consultation_id=consultation_id,
        message_text=details.message_text,
        voice_media_id=voice_media_id,
    )


async def _register(
    connection: Connection,
    consultation_id: UUID,
    attachment: Attachment,
    checked: Mapping[str, Checked],
) -> UUID:
    upload = checked[attachment.upload_key]
    return await queries.register_upload(
        connection,
        consultation_id=consultation_id,
        ticket=upload.ticket,
        purpose=attachment.purpose,
        measure=upload.measure,
    )


@routes.get("/api/v1/media/{media_id}/download", allow_head=False)
async def handle_download(request: web.Request) -> web.Response:
    """Redirect to a link that works for a quarter of an hour."""
    caller, media_id = caller_of(request), id_of(request, "media_id")
    database = request.app[DATABASE]
    async with database.as_caller(caller) as connection:
        is_visible = await queries.show_media(connection, media_id) is not None
    async with database.acting_for(caller) as connection:
        found = await queries.media_object(connection, media_id) if is_visible else None
    if found is None:
        raise errors.not_found()
    url = request.app[STORE].signed_get(
        found.object_key, mime_type=found.mime_type, filename=found.filename
    )
    return web.Response(status=302, headers={"Location": url})


def _described(row: dict[str, Any] | None) -> Any:
    if row is None:  # taken away between its making and this
        raise errors.not_found()
    return camelize(row)
