"""Where a client goes on: what it has missed since its last event.

An id holds the moment of its making (UUID version 7, RFC 9562), so that even one whose
row is gone says where. Rows become visible in the order of commits, which is not that
of their ids: some minutes before it are sent again, and clients drop what they have.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from api_extensions import errors
from api_extensions.ids import NO_ID, read_id
from api_extensions.notifications.stream import spell

# Longer than any transaction that writes notifications.
OVERLAP = timedelta(minutes=5)
# Notifications that are sent again; who has missed more, reads the list.
MAX_MISSED = 1000
TOO_MUCH = b"event: RESYNC\ndata: {}\n\n"

_VERSION = 7
_BITS_AFTER_TIME = 80


def read_position(request: web.Request) -> datetime | None:
    """Read Last-Event-ID, or the parameter lastEventId of a client that can't set it.

    Returns:
        From when on notifications have to be sent; None without either.

    Raises:
        AppError: VALIDATION_FAILED when it is not an id of ours.
    """
    text = request.headers.get("Last-Event-ID") or request.query.get("lastEventId")
    return moment_of(text) - OVERLAP if text else None


def moment_of(text: str) -> datetime:
    """Read when something with one of our ids was made.

    Raises:
        AppError: VALIDATION_FAILED when it is not an id of ours.
    """
    try:
        last = read_id(text)
        made_at = datetime.fromtimestamp((last.int >> _BITS_AFTER_TIME) / 1000, UTC)
    except ValueError:  # no id, or one of the year 10000
        raise errors.invalid_fields({"lastEventId": NO_ID}) from None
    if last.version != _VERSION:
        raise errors.invalid_fields({"lastEventId": "is not an id of ours"})
    return made_at


def spell_missed(notifications: Sequence[Mapping[str, Any]]) -> bytes:
    """Spell what was missed; RESYNC alone when that is more than `MAX_MISSED`."""
    if len(notifications) > MAX_MISSED:
        return TOO_MUCH
    return b"".join(spell(notification) for notification in notifications)
