"""The outbox's side of sending: claim, then finish, retry, pause or give up.

The latter tell when the claim was lost meanwhile: another worker has the message.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from api_extensions.db import Connection, fetch_all, fetch_value
from api_extensions.sms.provider import Delivery, Message

_CLAIM = """
select id, number, recipient, body, attempts, is_taken_over
from sidecar.claim_sms(
    worker => %(worker)s, max_rows => %(max_rows)s, lease => %(lease)s)
"""
_FINISH = """
select sidecar.finish_sms(
    worker => %(worker)s, provider => %(provider)s, can_report => %(can_report)s,
    ids => %(ids)s::uuid[], provider_message_ids => %(provider_message_ids)s::text[])
"""
_RETRY = """
select sidecar.retry_sms(
    id => %(id)s, worker => %(worker)s, error => %(error)s, delay => %(delay)s)
"""
_RENUMBER = "select sidecar.renumber_sms(id => %(id)s, worker => %(worker)s)"
_FAIL = """
select sidecar.fail_sms(id => %(id)s, worker => %(worker)s, error => %(error)s)
"""
_PAUSE = """
select sidecar.pause_sms(
    id => %(id)s, worker => %(worker)s, provider => %(provider)s, error => %(error)s)
"""
_PROBE = "select sidecar.probe_sms()"
_DUE_DELIVERIES = """
select id, provider_message_id
from sidecar.due_deliveries(provider => %(provider)s, max_rows => %(max_rows)s)
"""
_RECORD_DELIVERIES = """
select sidecar.record_deliveries(
    ids => %(ids)s::uuid[], deliveries => %(deliveries)s::text[])
"""


@dataclass(frozen=True)
class SentMessage:
    """A message whose delivery is to be asked for."""

    id: UUID
    provider_message_id: str


async def claim(
    connection: Connection, *, worker: str, max_rows: int, lease: timedelta
) -> list[Message]:
    """Take messages that are due, for the time of the lease; one in an outage."""
    values = {"worker": worker, "max_rows": max_rows, "lease": lease}
    return await fetch_all(connection, Message, _CLAIM, values)


async def finish(
    connection: Connection,
    sent: Mapping[UUID, str | None],
    *,
    worker: str,
    provider: str,
    can_report: bool,
) -> set[UUID]:
    """Record that messages were sent, and return those that were ours to finish.

    Args:
        connection: inside a transaction.
        sent: the provider's ids by ours.
        worker: who claimed them.
        provider: who took them.
        can_report: whether the provider can be asked about their delivery.
    """
    values = {
        "worker": worker,
        "provider": provider,
        "can_report": can_report,
        "ids": list(sent),
        "provider_message_ids": list(sent.values()),
    }
    return set(await fetch_value(connection, _FINISH, values))


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


async def renumber(connection: Connection, message_id: UUID, *, worker: str) -> bool:
    """Put a message back under a number that no provider has seen."""
    values = {"id": message_id, "worker": worker}
    return _is_ours(await fetch_value(connection, _RENUMBER, values))


async def fail(
    connection: Connection, message_id: UUID, *, worker: str, error: str
) -> bool:
    """Give a message up."""
    values = {"id": message_id, "worker": worker, "error": error}
    return _is_ours(await fetch_value(connection, _FAIL, values))


async def pause(
    connection: Connection, message_id: UUID, *, worker: str, provider: str, error: str
) -> bool:
    """Put a message back and pause all sending: the provider refuses us."""
    values = {
        "id": message_id,
        "worker": worker,
        "provider": provider,
        "error": error,
    }
    return _is_ours(await fetch_value(connection, _PAUSE, values))


async def probe(connection: Connection) -> None:
    """See with the next claim whether an outage is over."""
    await connection.execute(_PROBE)


async def due_deliveries(
    connection: Connection, *, provider: str, max_rows: int
) -> list[SentMessage]:
    """Take messages that the provider is to be asked about."""
    values = {"provider": provider, "max_rows": max_rows}
    return await fetch_all(connection, SentMessage, _DUE_DELIVERIES, values)


async def record_deliveries(
    connection: Connection, found: Sequence[tuple[UUID, Delivery]]
) -> int:
    """Record where messages are; returns how many reached their end just now."""
    values = {
        "ids": [message_id for message_id, _ in found],
        "deliveries": [delivery.value for _, delivery in found],
    }
    return int(await fetch_value(connection, _RECORD_DELIVERIES, values))


def _is_ours(value: Any) -> bool:
    return bool(value)
