"""Owners who book and pay, in a thread of their own, for as long as it takes."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp

from tests.faults.ledger import Ledger
from tests.faults.owner import Owner, Refused
from tests.faults.tally import Tally

OWNERS = 6


class Load:
    """The owners of a system; they come once, and play whenever the load runs.

    Attributes:
        ledger: what they were told is done.
        tally: what they saw.
    """

    def __init__(self, api_url: str, starts: list[str]) -> None:
        self.ledger = Ledger()
        self.tally = Tally()
        self._api_url = api_url
        self._starts = starts
        self._stop = threading.Event()
        self._failure: BaseException | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let them play during the body; at its end each finishes its journey."""
        self._stop.clear()
        thread = threading.Thread(target=self._run, name="load")
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()
        if self._failure:
            raise self._failure

    def wait_for(self, journeys: int, seconds: float = 60.0) -> None:
        """Return when so many more journeys have come to their end: it works."""
        wanted = self.tally.journeys + journeys
        deadline = time.monotonic() + seconds
        while self.tally.journeys < wanted:
            assert time.monotonic() < deadline, f"no journeys: {self.tally}"
            assert self._failure is None, self._failure
            time.sleep(0.05)

    def wait_for_requests(self, number: int, seconds: float = 60.0) -> None:
        """Return when so many more requests have been sent, obeyed or not."""
        wanted = self.tally.requests + number
        deadline = time.monotonic() + seconds
        while self.tally.requests < wanted:
            assert time.monotonic() < deadline, f"no requests: {self.tally}"
            time.sleep(0.05)

    def _run(self) -> None:
        try:
            asyncio.run(self._play_all())
        except BaseException as error:
            self._failure = error

    async def _play_all(self) -> None:
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector) as http:
            await asyncio.gather(*(self._play(http) for _ in range(OWNERS)))

    async def _play(self, http: aiohttp.ClientSession) -> None:
        owner = Owner(http, self._api_url, self.ledger, self.tally)
        await owner.arrive(self._starts)
        while not self._stop.is_set():
            try:
                await owner.play()
                self.tally.journeys += 1
            except Refused:
                await asyncio.sleep(0.1)
