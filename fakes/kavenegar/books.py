"""What the fake has sent: the truth that tests compare the outbox with."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

QUEUED = 1


@dataclass
class Record:
    """A message that was sent to a phone."""

    messageid: int
    localid: str
    receptor: str
    message: str
    status: int = QUEUED
    date: int = field(default_factory=lambda: int(time.time()))

    def entry(self) -> dict[str, Any]:
        """Show it as an entry of an answer."""
        return {
            "messageid": self.messageid,
            "message": self.message,
            "status": self.status,
            "statustext": "در صف ارسال",
            "sender": "10004346",
            "receptor": self.receptor,
            "date": self.date,
            "cost": 120,
        }


class Books:
    """All records. `requests` counts what was asked for, repetitions included."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.requests = 0
        self._by_localid: dict[str, Record] = {}
        self._ids: Iterator[int] = count(8792343)

    def send(self, *, receptor: str, message: str, localid: str) -> Record:
        """Send a message, unless its localid has been used: then show that record."""
        known = self._by_localid.get(localid) if localid else None
        if known:
            return known
        record = Record(next(self._ids), localid, receptor, message)
        self.records.append(record)
        if localid:
            self._by_localid[localid] = record
        return record

    def find(self, messageid: str) -> Record | None:
        """Find a record by its id."""
        found = (r for r in self.records if str(r.messageid) == messageid)
        return next(found, None)
