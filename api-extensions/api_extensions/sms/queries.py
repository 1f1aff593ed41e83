"""The outbox's side of sending: claim, then finish, retry or give up.

The last three tell False when the claim was lost meanwhile: another worker has it.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from api_extensions.db import Connection, fetch_all, fetch_value
from api_extensions.sms.provider import Message

_CLAIM = """
select id, number, recipient, body, attempts from sidecar.claim_sms(
    worker => %(worker)s, max_rows => %(max_rows)s, lease => %(lease)s)
"""
_FINISH = """
select sidecar.finish_sms(
    id => %(id)s, worker => %(worker)s, provider => %(provider)s,
    provider_message_id => %(provider_message_id)s)
"""
_RETRY = """
select sidecar.retry_sms(
    id => %(id)s, worker => %(worker)s, error => %(error)s, delay => %(delay)s)
"""
_FAIL = """
select sidecar.fail_sms(id => %(id)s, worker => %(worker)s, error => %(error)s)
"""


async def claim(
    connection: Connection, *, worker: str, max_rows: int, lease: timedelta
) -> list[Message]:
    """Take messages that are due, for the time of the lease."""
    values = {"worker": worker, "max_rows": max_rows, "lease": lease}
    return await fetch_all(connection, Message, _CLAIM, values)


async def finish(
    connection: Connection,
    message_id: UUID,
    *,
    worker: str,
    provider: str,
    provider_message_id: str | None,
) -> bool:
    """Record that a message was sent."""
    values = {
        "id": message_id,
        "worker": worker,
        "provider": provider,
        "provider_message_id": provider_message_id,
    }
    return _is_ours(await fetch_value(connection, _FINISH, values))


async def retry(
    connection: Connection,
    message_id: UUID,
    *,
    worker: str,
    error: str,
    delay: timedelta,
) -> bool:
    """Put a message back, to be sent after the delay."""
    values = {"id": message_id, "worker": worker, "error": error, "delay": delay}
    return _is_ours(await fetch_value(connection, _RETRY, values))


async def fail(
    connection: Connection, message_id: UUID, *, worker: str, error: str
) -> bool:
    """Give a message up."""
    values = {"id": message_id, "worker": worker, "error": error}
    return _is_ours(await fetch_value(connection, _FAIL, values))


def _is_ours(value: Any) -> bool:
    return bool(value)
