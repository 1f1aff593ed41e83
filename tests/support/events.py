"""A client of the notification stream that keeps what it was sent."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

PATH = "/api/v1/notifications/stream"


@dataclass(frozen=True)
class Event:
    """A server-sent event."""

    id: str
    type: str
    data: dict[str, Any]


@contextmanager
def listening(
    base_url: str, access_token: str, last_event_id: str = "", timeout: float = 20
) -> Iterator[Iterator[Event]]:
    """Open a stream and give its events, one after the other, until it ends."""
    headers = {"Authorization": f"Bearer {access_token}"}
    if last_event_id:
        headers["Last-Event-ID"] = last_event_id
    with httpx.stream(
        "GET", f"{base_url}{PATH}", headers=headers, timeout=timeout
    ) as response:
        assert response.status_code == httpx.codes.OK, response.read()
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = response.iter_lines()
        assert next(lines).startswith("retry:")  # it is followed from here on
        yield _events(lines)


def _events(lines: Iterator[str]) -> Iterator[Event]:
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, text = line.partition(": ")
            fields[name] = text
        elif "data" in fields:
            yield Event(
                fields.get("id", ""), fields["event"], json.loads(fields["data"])
            )
            fields = {}
