"""One export, from its query to the last line."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

import psycopg
import structlog
from aiohttp import hdrs, web

from api_extensions.exports import kinds, queries
from api_extensions.exports.kinds import Kind
from api_extensions.exports.lines import Block, read_blocks
from api_extensions.keys import DATABASE
from api_extensions.tokens import Caller

log = structlog.get_logger()

# For a million rows to somebody who reads slowly.
STATEMENT_TIMEOUT = "30min"
# Seconds that a client may take to read a block.
WRITE_TIMEOUT = 30.0


class _UnreadError(Exception):
    """Nobody reads the rest of a COPY: how to leave it so that PostgreSQL ends it."""


@dataclass(frozen=True)
class Export:
    """What somebody wants exported.

    Attributes:
        request: theirs.
        kind: of the file.
        caller: under whose rights the rows are read.
        given: the filters, as text, by their name in the contract.
    """

    request: web.Request
    kind: Kind
    caller: Caller
    given: Mapping[str, str]

    async def stream(self) -> web.StreamResponse:
        """Send the file. Until there is something to send, it can still be refused.

        Raises:
            AppError: VALIDATION_FAILED for the filters.
            psycopg.Error: the same; FORBIDDEN; whatever went wrong before the start.
        """
        response = web.StreamResponse(headers=_headers(self.kind))
        with suppress(_UnreadError):
            async with self.request.app[DATABASE].as_caller(
                self.caller, statement_timeout=STATEMENT_TIMEOUT
            ) as connection:
                value = await queries.read_filter(connection, self.kind, self.given)
                statement = kinds.copy_statement(self.kind, value)
                async with (
                    connection.cursor() as cursor,
                    cursor.copy(statement) as copy,
                ):
                    await self._begin(response, read_blocks(copy))
        return response

    async def _begin(
        self, response: web.StreamResponse, blocks: AsyncIterator[Block]
    ) -> None:
        first = await anext(blocks)
        async with self.request.app[DATABASE].acting_for(self.caller) as logging:
            await queries.audit(logging, self.kind, list(self.given))
        await self._send(response, first, blocks)

    async def _send(
        self, response: web.StreamResponse, first: Block, blocks: AsyncIterator[Block]
    ) -> None:
        rows, is_complete = 0, False
        is_wanted = self.request.method != hdrs.METH_HEAD
        try:
            await response.prepare(self.request)
            if is_wanted:
                await _write(response, first)
                rows = first.rows
                async for block in blocks:
                    await _write(response, block)
                    rows += block.rows
            is_complete = True
        except (psycopg.Error, ConnectionError, TimeoutError):
            log.warning("export_broke_off", kind=self.kind.name, rows=rows)
        finally:  # before the end is sent: who has the file finds it in the log
            await self._log_end(rows, is_complete=is_complete)
        if not is_complete:
            self._break_off()
        if not (is_complete and is_wanted):
            raise _UnreadError

    def _break_off(self) -> None:
        """Cut the connection: a file that ends well would pass for a whole one."""
        if self.request.transport:
            self.request.transport.abort()

    async def _log_end(self, rows: int, *, is_complete: bool) -> None:
        database = self.request.app[DATABASE]
        async with database.recording_for(self.caller) as logging:
            await queries.audit(
                logging,
                self.kind,
                list(self.given),
                rows=rows,
                is_complete=is_complete,
            )


async def _write(response: web.StreamResponse, block: Block) -> None:
    async with asyncio.timeout(WRITE_TIMEOUT):
        await response.write(block.data)


def _headers(kind: Kind) -> dict[str, str]:
    return {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{kind.name}.csv"',
        "Cache-Control": "no-store",
    }
