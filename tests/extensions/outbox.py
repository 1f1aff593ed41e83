"""The outbox of a test's own database, workers on it, and a provider that obeys."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from api_extensions.background import running
from api_extensions.db import Database as Pool
from api_extensions.settings import UnknownPolicy
from api_extensions.sms import queries
from api_extensions.sms.listener import Listener
from api_extensions.sms.provider import Delivery, Message, NotSent, Sent
from api_extensions.sms.worker import SmsWorker
from tests.extensions.conftest import Load
from tests.support.database import Connection, Database, changed, rows, value

Outcome = Sent | NotSent | Exception


class Scripted:
    """A provider that gives the outcomes it was told to, then takes everything."""

    name = "scripted"

    def __init__(self, *outcomes: Outcome, is_repeatable: bool = True) -> None:
        self.is_repeatable = is_repeatable
        self.delivery_batch = 10
        self.outcomes = list(outcomes)
        self.known: dict[str, Delivery] = {}
        self.most_in_flight = 0
        self.bodies: list[str] = []
        self._in_flight = 0

    async def __aenter__(self) -> Self:
        """Need nothing."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hold nothing."""

    async def send(self, message: Message) -> Sent | NotSent:
        """Note the message and give the next outcome."""
        self.bodies.append(message.body)
        self._in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._in_flight)
        await asyncio.sleep(0)  # lets the others in, as a network would
        self._in_flight -= 1
        outcome = self.outcomes.pop(0) if self.outcomes else Sent(f"p-{message.body}")
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def deliveries(self, ids: Sequence[str]) -> Mapping[str, Delivery]:
        """Tell what the test knows."""
        return {id_: self.known[id_] for id_ in ids if id_ in self.known}


class Outbox:
    """The outbox of a test's own database, and workers on it."""

    def __init__(self, database: Database, load: Load) -> None:
        self.database = database
        self.settings = load(DATABASE_URL=database.url("sidecar"))

    def change(self, statement: str, **parameters: Any) -> int:
        """Change data as the tables' owner; returns the number of rows."""
        with self.database.connect() as conn:
            return changed(conn, statement, **parameters)

    def ask(self, query: str, **parameters: Any) -> Any:
        """Ask for one value as the tables' owner."""
        with self.database.connect() as conn:
            return value(conn, query, **parameters)

    def queue(self, count: int = 1) -> None:
        """Queue messages whose bodies are their numbers."""
        with self.database.connect() as conn:
            queue(conn, count)

    def messages(self) -> list[dict[str, Any]]:
        """Give all messages, in the order in which they were queued."""
        with self.database.connect() as conn:
            return rows(conn, "select * from app.sms_messages order by number")

    def statuses(self) -> set[str]:
        """Give the statuses that messages have."""
        return {message["status"] for message in self.messages()}

    def claim(self, *, lease: timedelta) -> None:
        """Claim everything as a worker that then dies."""

        async def claim_all(pool: Pool) -> None:
            async with pool.system() as connection:
                await queries.claim(
                    connection, worker="dead", max_rows=100, lease=lease
                )

        self.run(claim_all)

    def run(self, play: Callable[[Pool], Awaitable[None]]) -> None:
        """Do something with the sidecar's own pool."""

        async def play_in_pool() -> None:
            pool = Pool(self.settings)
            await pool.open()
            try:
                await play(pool)
            finally:
                await pool.close()

        asyncio.run(play_in_pool())

    def work(
        self,
        providers: Sequence[Scripted],
        until: Callable[[], bool],
        start: Callable[[], object] = lambda: None,
        unknown: UnknownPolicy = UnknownPolicy.RETRY,
    ) -> None:
        """Run a worker for each provider until something is so.

        Args:
            providers: one for each worker.
            until: looked at again and again.
            start: done once the workers are running.
            unknown: the workers' policy.
        """

        async def play(pool: Pool) -> None:
            heard = asyncio.Event()
            workers = [
                SmsWorker(pool, provider, max_in_flight=4, heard=heard, unknown=unknown)
                for provider in providers
            ]
            url = self.settings.database_url.get_secret_value()
            async with running([Listener(url, heard), *workers]):
                await asyncio.to_thread(start)
                await asyncio.to_thread(wait, until)

        self.run(play)

    def is_over(self) -> bool:
        """Tell whether there are messages and none of them is queued."""
        statuses = self.statuses()
        return bool(statuses) and "QUEUED" not in statuses


def queue(conn: Connection, count: int, recipient: str = "09121234567") -> None:
    """Queue messages whose bodies are their numbers."""
    statement = """
        insert into app.sms_messages (event, subject, recipient, body)
        select 'TEST', n::text, %(recipient)s, n::text
        from generate_series(1, %(count)s) n
    """
    assert changed(conn, statement, recipient=recipient, count=count) == count


def wait(until: Callable[[], bool]) -> None:
    """Look again and again; the test's time-out bounds it."""
    while not until():
        time.sleep(0.01)
