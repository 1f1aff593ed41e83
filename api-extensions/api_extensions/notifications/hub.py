"""Follows the notifications for all streams of the process, over one connection."""

import asyncio
from collections import Counter
from uuid import UUID

import psycopg
import structlog
from psycopg.rows import TupleRow

from api_extensions import errors
from api_extensions.background import is_cancelled
from api_extensions.notifications import queries
from api_extensions.notifications.queries import News
from api_extensions.notifications.stream import Stream, spell
from api_extensions.settings import Settings
from api_extensions.tokens import Caller

log = structlog.get_logger()

# Seconds between polls: NOTIFY is a hint, and sessions end without one.
POLL_INTERVAL = 3.0
# Seconds between two readings at the least, so that a burst is read together.
PAUSE = 0.05
# Streams of one process; each costs some 30 kB.
MAX_STREAMS = 5000


class Hub:
    """Gives every stream what is for its person, and ends it with its session."""

    name = "notification-streams"

    def __init__(self, settings: Settings) -> None:
        self._conninfo = settings.database_url.get_secret_value()
        self._max_per_user = settings.streams_per_user
        self._streams: set[Stream] = set()
        self._woken = asyncio.Event()
        self._since: str | None = None
        # Ids that were given out and will be read again: see `queries.News`.
        self._given: dict[str, int] = {}

    def open(self, caller: Caller) -> Stream:
        """Begin a stream; it is followed as soon as its `is_followed` is set.

        Raises:
            AppError: RATE_LIMITED when the person has too many, UNAVAILABLE when the
                process has.
        """
        of_user = Counter(stream.caller.user_id for stream in self._streams)
        if of_user[caller.user_id] >= self._max_per_user:
            raise errors.rate_limited(retry_after=int(POLL_INTERVAL))
        if len(self._streams) >= MAX_STREAMS:
            raise errors.unavailable()
        stream = Stream(caller)
        self._streams.add(stream)
        self._woken.set()
        return stream

    def close(self, stream: Stream) -> None:
        """Forget a stream."""
        self._streams.discard(stream)

    def end_all(self) -> None:
        """End every stream: the process stops, and the clients come back to another."""
        for stream in self._streams:
            stream.end()

    async def run(self) -> None:
        """Follow until the connection ends.

        Raises:
            psycopg.Error: when it does; `background.keep_running` connects again, and
                goes on where it was.
        """
        connection = await psycopg.AsyncConnection.connect(
            self._conninfo,
            autocommit=True,
            application_name=self.name,
            # Finds a server that went away without a word (seconds).
            keepalives_idle=30,
            keepalives_interval=10,
            keepalives_count=3,
        )
        async with connection:
            connection.add_notify_handler(lambda _: self._woken.set())
            await queries.listen(connection)
            while not is_cancelled():
                self._woken.clear()
                await self._follow(connection)
                await asyncio.sleep(PAUSE)
                await self._wait(connection)

    async def _follow(self, connection: psycopg.AsyncConnection[TupleRow]) -> None:
        streams = list(self._streams)
        found = await queries.follow(
            connection,
            since=self._since,
            callers=[stream.caller for stream in streams],
        )
        self._give_out(found)
        self._end_dead(set(found.dead_sessions))
        self._since = found.next_since
        for stream in streams:
            stream.is_followed.set()

    def _give_out(self, found: News) -> None:
        """Offer each notification, once, to the streams it is for."""
        limit = int(found.next_since)
        again: dict[str, int] = {}
        for item in found.news:
            notification = item["notification"]
            transaction = int(item["transaction_id"])
            if transaction >= limit:
                again[notification["id"]] = transaction
            if notification["id"] in self._given:
                continue
            event = spell(notification)
            for stream in self._streams:
                if _is_for(stream.caller, item["target_role"], item["user_id"]):
                    stream.offer(event)
        self._given = again

    def _end_dead(self, sessions: set[UUID]) -> None:
        for stream in self._streams:
            if stream.caller.session_id in sessions:
                stream.end()

    async def _wait(self, connection: psycopg.AsyncConnection[TupleRow]) -> None:
        """Wait until the connection has something to say, a stream opens, or a while.

        What arrives while a statement runs goes to the notify handler instead.
        """
        loop = asyncio.get_running_loop()
        socket = connection.fileno()
        loop.add_reader(socket, self._woken.set)
        try:
            async with asyncio.timeout(POLL_INTERVAL):
                await self._woken.wait()
        except TimeoutError:
            pass
        finally:
            loop.remove_reader(socket)


def _is_for(caller: Caller, target_role: str, user_id: str | None) -> bool:
    """Tell whose a notification is, as the policies of app.notifications do."""
    if caller.role == "app_admin":
        return target_role == "ADMIN"
    return user_id == str(caller.user_id)


async def wait_until_followed(stream: Stream, patience: float) -> None:
    """Wait until nothing that is committed from now on can be missed.

    Raises:
        AppError: UNAVAILABLE when the database does not answer in time (seconds).
    """
    try:
        async with asyncio.timeout(patience):
            await stream.is_followed.wait()
    except TimeoutError:
        raise errors.unavailable() from None
