"""Files of consultations, made by the sidecar's functions: all but the bytes."""

from dataclasses import dataclass
from uuid import UUID

from tests.support.database import Connection, one, value
from tests.support.roles import Person, as_role


@dataclass(frozen=True)
class Kind:
    """A kind of file that is counted by itself."""

    category: str
    ext: str
    purpose: str


PHOTO = Kind("IMAGE", "png", "OTHER")
DOCUMENT = Kind("IMAGE", "png", "MEDICAL_DOC")
VIDEO = Kind("VIDEO", "mp4", "PET_VIDEO")
OTHER_VIDEO = Kind("VIDEO", "mp4", "OTHER")
VOICE_NOTE = Kind("AUDIO", "m4a", "VOICE_NOTE")


@dataclass(frozen=True)
class Ticket:
    """An upload, and where the check that goes on copies it to."""

    kind: Kind
    upload_key: str
    kept_key: str


def make_upload(conn: Connection, owner: Person, kind: Kind = PHOTO) -> str:
    """Get a ticket, and return its key."""
    with as_role(conn, "sidecar", owner.claims):
        query = """
            select upload_key from sidecar.create_upload(
                %(category)s, %(ext)s, 7, %(purpose)s)
        """
        found = value(
            conn, query, category=kind.category, ext=kind.ext, purpose=kind.purpose
        )
    return str(found)


def begin_registration(
    conn: Connection, owner: Person, consultation_id: UUID, kind: Kind = PHOTO
) -> Ticket:
    """Get a ticket, and the right to check what was uploaded for a minute."""
    key = make_upload(conn, owner, kind)
    with as_role(conn, "sidecar", owner.claims):
        query = """
            select kept_key from sidecar.begin_registration(
                %(id)s, array[%(key)s], interval '1 minute')
        """
        return Ticket(kind, key, str(value(conn, query, id=consultation_id, key=key)))


def register(
    conn: Connection, owner: Person, consultation_id: UUID, ticket: Ticket
) -> UUID:
    """Make a checked upload a file, and return its id."""
    with as_role(conn, "sidecar", owner.claims):
        query = """
            select sidecar.register_upload(
                %(id)s, %(key)s, %(kept)s, %(purpose)s, null, null, null)
        """
        media_id: UUID = value(
            conn,
            query,
            id=consultation_id,
            key=ticket.upload_key,
            kept=ticket.kept_key,
            purpose=ticket.kind.purpose,
        )
    return media_id


def make_media(
    conn: Connection, owner: Person, consultation_id: UUID, kind: Kind = PHOTO
) -> UUID:
    """Upload and register a file, and return its id."""
    ticket = begin_registration(conn, owner, consultation_id, kind)
    return register(conn, owner, consultation_id, ticket)


def object_key(conn: Connection, media_id: UUID) -> str:
    """Return where a file lies."""
    query = "select object_key from app.media where id = %(id)s"
    return str(one(conn, query, id=media_id)["object_key"])
