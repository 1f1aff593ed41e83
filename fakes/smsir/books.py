"""What the fake has sent: the truth that tests compare the outbox with."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count


@dataclass
class Record:
    """A message that was sent to a phone; there is nothing to know it again by."""

    message_id: int
    mobile: str
    text: str
    delivery_state: int | None = None


class Books:
    """All records. Mobiles of `blacklisted` get the id 0, as in life."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.requests = 0
        self.blacklisted: set[str] = set()
        self._ids: Iterator[int] = count(89545112)

    def send(self, mobile: str, text: str) -> int:
        """Send a message and return its id."""
        if mobile in self.blacklisted:
            return 0
        record = Record(next(self._ids), mobile, text)
        self.records.append(record)
        return record.message_id
