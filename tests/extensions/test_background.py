"""api_extensions.background: loops that go on until they are told to stop."""

import asyncio
from contextlib import suppress

import pytest

from api_extensions.background import every, is_cancelled, running


class Deaf:
    """A worker whose waiting drops the cancellation, as asyncio.wait_for may."""

    name = "deaf"

    async def run(self) -> None:
        """Work until cancelled."""
        while not is_cancelled():
            await wait_deafly()


class Regular:
    """A worker of rounds, which waits like that in each."""

    name = "regular"

    async def run(self) -> None:
        """Work until cancelled."""
        await every(0.01, self.name, wait_deafly)


async def wait_deafly() -> None:
    """Wait for what does not come, until cancelled; then act as if it had come."""
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(60)


@pytest.mark.parametrize("worker", [Deaf(), Regular()])
def test_a_worker_ends_though_it_has_not_heard_that_it_was_cancelled(
    worker: Deaf | Regular,
) -> None:
    async def play() -> None:
        async with asyncio.timeout(20):
            async with running([worker]):
                await asyncio.sleep(0.05)

    asyncio.run(play())
