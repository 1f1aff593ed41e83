"""A wire between the sidecar and PostgreSQL that is cut at a chosen point."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum

import psycopg
from psycopg.rows import TupleRow

_LARGEST = 65536
# Seconds that a server takes at most to close the line, once it is told to.
_EXIT = 0.5
# A socket that is closed with this answers the other side with a reset.
_RESET = struct.pack("ii", 1, 0)

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Cut(Enum):
    """How a connection ends, seen from a message that the sidecar sends on it."""

    UNSENT = "before the message arrives"
    RESET = "before the message arrives, with a reset"
    UNANSWERED = "when it was obeyed, before the answer"
    TORN = "in the middle of the answer"
    ANSWERED = "together with the answer"
    ANSWERED_RESET = "together with the answer, with a reset"
    TERMINATED = "by the server, which says so instead of an answer"
    FAREWELL = "by the server, which says so together with the answer"


@dataclass
class Wire:
    """A proxy that counts what the sidecar sends.

    Attributes:
        administrator: a superuser of the database, who may end connections.
        port: where it listens on the loopback.
        at: which message from the sidecar, counted from 1, meets the cut; 0 is none.
        how: the way in which the connection ends.
        sent: how many there were since it was armed.
    """

    administrator: psycopg.AsyncConnection[TupleRow]
    port: int = 0
    at: int = 0
    how: Cut = Cut.UNSENT
    sent: int = 0
    carried: set[asyncio.Task[None]] = field(default_factory=set)

    def arm(self, at: int, how: Cut) -> None:
        """Cut once, at that message from now on."""
        self.at, self.how, self.sent = at, how, 0

    @property
    def is_cut(self) -> bool:
        """Whether the point was reached."""
        return 0 < self.at <= self.sent

    async def accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Carry one connection until either side ends it."""
        task = asyncio.current_task()
        assert task
        self.carried.add(task)
        server = self.administrator.info
        there = await asyncio.open_connection(server.host, server.port)
        back = asyncio.create_task(_copy(there[0], writer))
        with suppress(OSError):
            while data := await reader.read(_LARGEST):
                self.sent += 1
                if self.sent == self.at:
                    back.cancel()
                    await asyncio.wait([back])
                    await self._cut(data, there, writer)
                    break
                there[1].write(data)
        back.cancel()
        for end in (there[1], writer):
            end.close()
            with suppress(OSError):
                await end.wait_closed()

    async def _cut(
        self, data: bytes, there: Stream, writer: asyncio.StreamWriter
    ) -> None:
        """Do to the message what the cut says; then the connection is closed."""
        if self.how is Cut.TERMINATED:
            await self._terminate(there)
        if self.how not in {Cut.UNSENT, Cut.RESET}:
            with suppress(OSError):
                there[1].write(data)
            answer = await there[0].read(_LARGEST)
            if self.how is Cut.FAREWELL:
                await self._terminate(there)
                # (Who has not got in yet can't be terminated.)
                with suppress(TimeoutError):
                    async with asyncio.timeout(_EXIT):
                        answer += await there[0].read()
            if self.how is Cut.TORN:
                answer = answer[: len(answer) // 2]
            if self.how is not Cut.UNANSWERED:
                writer.write(answer)
        if self.how in {Cut.RESET, Cut.ANSWERED_RESET}:
            raw = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)

    async def _terminate(self, there: Stream) -> None:
        """End this connection alone: others would count when they come again."""
        query = (
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where usename = 'sidecar' and client_port = %s"
        )
        port = there[1].get_extra_info("sockname")[1]
        await self.administrator.execute(query, [port])


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(_LARGEST):
            writer.write(data)
        writer.close()


@asynccontextmanager
async def wire_to(url: str) -> AsyncIterator[Wire]:
    """Lay a wire to the server of a database, whose superuser's URL this is."""
    connect = psycopg.AsyncConnection.connect
    wire = Wire(administrator := await connect(url, autocommit=True))
    server = await asyncio.start_server(wire.accept, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()
        await asyncio.gather(*wire.carried)
        await administrator.close()
