"""What the streams ask of the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row

from api_extensions.db import Connection, fetch_all
from api_extensions.tokens import Caller

_LISTEN = "listen notifications"
_FOLLOW = """
select next_since::text, news, dead_sessions
from sidecar.follow_notifications(
    since => %(since)s::xid8, session_ids => %(session_ids)s::uuid[],
    user_ids => %(user_ids)s::uuid[], roles => %(roles)s::text[])
"""
_WRITTEN_SINCE = """
select to_jsonb(n) as notification
from api.notifications n
where n.created_at > %(since)s
order by n.created_at, n.id
limit %(max_rows)s
"""


@dataclass(frozen=True)
class News:
    """What has happened since the last time.

    Attributes:
        next_since: where to go on; what is still uncommitted comes then.
        news: target_role, user_id, transaction_id and the notification, of each.
        dead_sessions: those of the listeners that have ended.
    """

    next_since: str
    news: list[dict[str, Any]]
    dead_sessions: list[UUID]


@dataclass(frozen=True)
class _Row:
    notification: dict[str, Any]


async def listen(connection: AsyncConnection[TupleRow]) -> None:
    """Hear of notifications from now on."""
    await connection.execute(_LISTEN)


async def follow(
    connection: AsyncConnection[TupleRow],
    *,
    since: str | None,
    callers: Sequence[Caller],
) -> News:
    """Ask for all listeners at once.

    Args:
        connection: that listens, outside a transaction.
        since: the last answer's `next_since`; None finds no news, only where to begin.
        callers: who listens.
    """
    values = {
        "since": since,
        "session_ids": [caller.session_id for caller in callers],
        "user_ids": [caller.user_id for caller in callers],
        "roles": [caller.role for caller in callers],
    }
    async with connection.cursor(row_factory=class_row(News)) as cursor:
        await cursor.execute(_FOLLOW, values)
        news = await cursor.fetchone()
    if news is None:
        raise LookupError("follow_notifications gave no row")
    return news


async def written_since(
    connection: Connection, since: datetime, max_rows: int
) -> list[dict[str, Any]]:
    """Read what the caller may see and was written after a moment, the oldest first.

    Args:
        connection: in a transaction with the caller's own rights.
        since: the moment.
        max_rows: no more than these.
    """
    values = {"since": since, "max_rows": max_rows}
    found = await fetch_all(connection, _Row, _WRITTEN_SINCE, values)
    return [row.notification for row in found]
