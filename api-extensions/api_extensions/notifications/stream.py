"""One listener: what waits to be written to it, and how an event is spelt.

The format: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from typing import Any

from api_extensions.casing import camelize
from api_extensions.tokens import Caller

# Events that may wait for a client that reads slowly, before it is dropped.
MAX_WAITING = 200
# A line that clients ignore, and that keeps what lies between from closing.
HEARTBEAT = b": \n\n"


class Stream:
    """The way to one client. Ended streams take nothing more."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.is_ended = False
        self.is_followed = asyncio.Event()
        self._waiting: deque[bytes] = deque()
        self._woken = asyncio.Event()

    def offer(self, event: bytes) -> None:
        """Let an event wait to be written; a client that is too slow is dropped.

        It loses nothing by that: it comes back and names the last event that it has.
        """
        if len(self._waiting) >= MAX_WAITING:
            self.end()
        if not self.is_ended:
            self._waiting.append(event)
            self._woken.set()

    def end(self) -> None:
        """Let the stream end, as soon as what waits is written."""
        self.is_ended = True
        self._woken.set()

    async def take(self, patience: float) -> bytes | None:
        """Take what waits, all together.

        Args:
            patience: seconds until a heartbeat is taken instead.

        Returns:
            None at the end of the stream.
        """
        try:
            async with asyncio.timeout(patience):
                await self._woken.wait()
        except TimeoutError:
            return HEARTBEAT
        self._woken.clear()
        if self._waiting:
            events = b"".join(self._waiting)
            self._waiting.clear()
            if self.is_ended:
                self._woken.set()
            return events
        return None if self.is_ended else HEARTBEAT


def spell(notification: Mapping[str, Any]) -> bytes:
    """Spell a notification (a row of api.notifications) as an event.

    The data is one line, as in GET /notifications: JSON writes no line break bare.
    """
    data = json.dumps(camelize(notification), ensure_ascii=False)
    text = f"id: {notification['id']}\nevent: {notification['type']}\ndata: {data}\n\n"
    return text.encode()
