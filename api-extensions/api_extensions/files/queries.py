"""The database's side of files: its functions, and the rows they return."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from api_extensions.db import (
    Connection,
    fetch_all,
    fetch_column,
    fetch_one,
    fetch_optional,
    fetch_value,
)
from api_extensions.files.measure import Measure

_CREATE_UPLOAD = """
select * from sidecar.create_upload(
    category => %(category)s, ext => %(ext)s, size => %(size)s, purpose => %(purpose)s)
"""
_BEGIN_REGISTRATION = """
select * from sidecar.begin_registration(
    consultation_id => %(consultation_id)s, upload_keys => %(upload_keys)s,
    lease => %(lease)s)
"""
_REGISTER_UPLOAD = """
select sidecar.register_upload(
    consultation_id => %(consultation_id)s, upload_key => %(upload_key)s,
    kept_key => %(kept_key)s, purpose => %(purpose)s,
    duration_sec => %(duration_sec)s::numeric, width => %(width)s, height => %(height)s)
"""
_REFUSE_UPLOAD = """
select sidecar.refuse_upload(upload_key => %(upload_key)s, kept_key => %(kept_key)s)
"""
_ABANDON_REGISTRATION = """
select sidecar.abandon_registration(kept_keys => %(kept_keys)s)
"""
_DROP_VOICE_NOTE = """
select sidecar.drop_voice_note(consultation_id => %(consultation_id)s)
"""
_SUBMIT_DETAILS = """
select id from api.submit_details(
    consultation_id => %(consultation_id)s, message_text => %(message_text)s,
    voice_media_id => %(voice_media_id)s)
"""
# With the caller's own rights: their policies decide.
_SHOW_MEDIA = """
select to_jsonb(m) - '{consultation_id,owner_user_id}'::text[]
from api.media m where m.id = %(media_id)s
"""
_SHOW_CONSULTATION = """
select to_jsonb(c) - '{user_id,version}'::text[]
    || jsonb_build_object('pet', to_jsonb(p) - '{user_id,updated_at}'::text[])
from api.consultations c left join api.pets p on p.id = c.pet_id
where c.id = %(consultation_id)s
"""
_SHOW_DETAILS = """
select to_jsonb(d) - 'owner' || jsonb_build_object('user', d.owner)
from api.admin_consultation_details d where d.id = %(consultation_id)s
"""
_MEDIA_OBJECT = """
select %(media_id)s::uuid as media_id, o.*
from sidecar.media_object(media_id => %(media_id)s) o
"""
_CONSULTATION_OBJECTS = """
select * from sidecar.consultation_objects(consultation_id => %(consultation_id)s)
"""
_CLAIM_DELETIONS = """
select sidecar.claim_object_deletions(max_rows => %(max_rows)s)
"""
_FINISH_DELETIONS = """
select sidecar.finish_object_deletions(object_keys => %(object_keys)s)
"""
_CLAIM_SWEEP = "select sidecar.claim_sweep(pause => %(pause)s)"
_SWEEP_OBJECTS = "select sidecar.sweep_objects(object_keys => %(object_keys)s)"


@dataclass(frozen=True)
class NewUpload:
    """A ticket; or, with retry_after in seconds, none: too many were asked for."""

    upload_key: str | None
    mime_type: str | None
    expires_at: datetime | None
    retry_after: int | None


@dataclass(frozen=True)
class Ticket:
    """What an upload must be, and where its copy goes."""

    upload_key: str
    kept_key: str
    mime_type: str
    size_bytes: int


@dataclass(frozen=True)
class MediaObject:
    """Where a file lies, and what it is."""

    media_id: UUID
    object_key: str
    mime_type: str
    extension: str

    @property
    def filename(self) -> str:
        """What it is saved as."""
        return f"{self.media_id}.{self.extension}"


async def create_upload(
    connection: Connection, *, category: str, ext: str, size: int, purpose: str | None
) -> NewUpload:
    """Make a ticket for the signed-in owner, if they may have one more now."""
    values = {"category": category, "ext": ext, "size": size, "purpose": purpose}
    return await fetch_one(connection, NewUpload, _CREATE_UPLOAD, values)


async def begin_registration(
    connection: Connection,
    *,
    consultation_id: UUID,
    upload_keys: Sequence[str],
    lease: timedelta,
) -> list[Ticket]:
    """Take the right to check these uploads, for the time of the lease."""
    values = {
        "consultation_id": consultation_id,
        "upload_keys": list(upload_keys),
        "lease": lease,
    }
    return await fetch_all(connection, Ticket, _BEGIN_REGISTRATION, values)


async def register_upload(
    connection: Connection,
    *,
    consultation_id: UUID,
    ticket: Ticket,
    purpose: str | None,
    measure: Measure,
) -> UUID:
    """Make a checked upload a file of the consultation, and return its id."""
    values = {
        "consultation_id": consultation_id,
        "upload_key": ticket.upload_key,
        "kept_key": ticket.kept_key,
        "purpose": purpose,
        "duration_sec": measure.duration_sec,
        "width": measure.width,
        "height": measure.height,
    }
    media_id: UUID = await fetch_value(connection, _REGISTER_UPLOAD, values)
    return media_id


async def refuse_upload(connection: Connection, ticket: Ticket) -> None:
    """Spend the ticket of a file that is not what it should be."""
    values = {"upload_key": ticket.upload_key, "kept_key": ticket.kept_key}
    await connection.execute(_REFUSE_UPLOAD, values)


async def abandon_registration(
    connection: Connection, tickets: Sequence[Ticket]
) -> None:
    """Give back what `begin_registration` took and nothing has come of."""
    values = {"kept_keys": [ticket.kept_key for ticket in tickets]}
    await connection.execute(_ABANDON_REGISTRATION, values)


async def drop_voice_note(connection: Connection, consultation_id: UUID) -> None:
    """Remove the voice note that a new one replaces."""
    await connection.execute(_DROP_VOICE_NOTE, {"consultation_id": consultation_id})


async def submit_details(
    connection: Connection,
    *,
    consultation_id: UUID,
    message_text: str | None,
    voice_media_id: UUID | None,
) -> None:
    """Describe the problem, as `rpc/submit_details` does."""
    values = {
        "consultation_id": consultation_id,
        "message_text": message_text,
        "voice_media_id": voice_media_id,
    }
    await connection.execute(_SUBMIT_DETAILS, values)


async def show_media(connection: Connection, media_id: UUID) -> dict[str, Any] | None:
    """Give a file as the api shows it; None when the caller doesn't see it."""
    media: dict[str, Any] | None = await fetch_value(
        connection, _SHOW_MEDIA, {"media_id": media_id}
    )
    return media


async def show_consultation(
    connection: Connection, consultation_id: UUID
) -> dict[str, Any] | None:
    """Give a consultation and its pet as the api shows them."""
    consultation: dict[str, Any] | None = await fetch_value(
        connection, _SHOW_CONSULTATION, {"consultation_id": consultation_id}
    )
    return consultation


async def media_object(connection: Connection, media_id: UUID) -> MediaObject | None:
    """Give where a file lies, and note that the caller got a link to it."""
    return await fetch_optional(
        connection, MediaObject, _MEDIA_OBJECT, {"media_id": media_id}
    )


async def show_details(
    connection: Connection, consultation_id: UUID
) -> dict[str, Any] | None:
    """Give a consultation whole, as the api shows it to admins."""
    details: dict[str, Any] | None = await fetch_value(
        connection, _SHOW_DETAILS, {"consultation_id": consultation_id}
    )
    return details


async def consultation_objects(
    connection: Connection, consultation_id: UUID
) -> dict[UUID, MediaObject]:
    """Give where a consultation's files lie; note that the admin got links to them."""
    found = await fetch_all(
        connection,
        MediaObject,
        _CONSULTATION_OBJECTS,
        {"consultation_id": consultation_id},
    )
    return {one.media_id: one for one in found}


async def claim_deletions(connection: Connection, max_rows: int) -> list[str]:
    """Take keys of objects that are to be deleted."""
    return await fetch_column(connection, _CLAIM_DELETIONS, {"max_rows": max_rows})


async def finish_deletions(connection: Connection, object_keys: Sequence[str]) -> None:
    """Note that these objects are gone."""
    await connection.execute(_FINISH_DELETIONS, {"object_keys": list(object_keys)})


async def claim_sweep(connection: Connection, pause: timedelta) -> bool:
    """Tell whether it is on us to go through the bucket."""
    return bool(await fetch_value(connection, _CLAIM_SWEEP, {"pause": pause}))


async def sweep_objects(connection: Connection, object_keys: Sequence[str]) -> int:
    """Have those objects deleted that nothing refers to; returns how many."""
    values = {"object_keys": list(object_keys)}
    return int(await fetch_value(connection, _SWEEP_OBJECTS, values))
