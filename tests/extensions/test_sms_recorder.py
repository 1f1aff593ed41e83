"""What came of a message reaches everybody who waits for it, and nobody else."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from api_extensions.db import Database
from api_extensions.sms import queries
from api_extensions.sms.provider import Message, Sent
from api_extensions.sms.recorder import Recorder
from tests.extensions.outbox import Scripted

Finish = Callable[[Mapping[UUID, str]], set[UUID]]


class NoDatabase:
    """Lends no connection: what would be asked of it is answered by the test."""

    @asynccontextmanager
    async def system(self) -> AsyncIterator[None]:
        """Lend nothing."""
        yield


def record_two(monkeypatch: pytest.MonkeyPatch, finish: Finish) -> Any:
    """Record two messages of which the first waiter goes away; return the other's end.

    The database answers once it is gone.
    """

    async def play() -> Any:
        is_asked, is_gone = asyncio.Event(), asyncio.Event()

        async def answer(_: None, sent: Mapping[UUID, str], **__: Any) -> set[UUID]:
            is_asked.set()
            await is_gone.wait()
            return finish(sent)

        monkeypatch.setattr(queries, "finish", answer)
        database = cast(Database, NoDatabase())
        recorder = Recorder(database, Scripted(), worker="one")
        hasty, patient = (
            asyncio.create_task(recorder.sent(message(), Sent("p"))) for _ in range(2)
        )
        await is_asked.wait()
        hasty.cancel()
        await asyncio.wait([hasty])
        is_gone.set()
        (end,) = await asyncio.wait_for(
            asyncio.gather(patient, return_exceptions=True), timeout=10
        )
        assert hasty.cancelled()
        return end

    return asyncio.run(play())


def message() -> Message:
    """Make a message to have been sent."""
    return Message(uuid4(), 1, "09121234567", "سلام", attempts=1, is_taken_over=False)


def test_who_was_cancelled_keeps_nothing_from_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As when the worker ends: one has been waiting for too long."""
    assert record_two(monkeypatch, set) is True


def test_nor_a_fault_that_the_others_have_to_hear_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_: Mapping[UUID, str]) -> set[UUID]:
        raise LookupError("a bug")

    assert isinstance(record_two(monkeypatch, fail), LookupError)
