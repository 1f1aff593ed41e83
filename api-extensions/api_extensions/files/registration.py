"""From uploads to files of a consultation: checked first, then one transaction.

In between nothing is locked, and whatever happens there leaves nothing half-registered:
a copy that no row came to speak of is deleted, and the tickets work again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from tempfile import TemporaryFile
from typing import TypeVar
from uuid import UUID

from api_extensions import errors
from api_extensions.db import Connection, Database
from api_extensions.errors import AppError
from api_extensions.files import queries
from api_extensions.files.inspection import Inspection
from api_extensions.files.measure import Measure, UnsoundError
from api_extensions.files.queries import Ticket
from api_extensions.files.store import MissingObjectError, Store
from api_extensions.tokens import Caller

T = TypeVar("T")

# Seconds for all files of a request: less than the gateway waits.
PATIENCE = 25.0
# Longer than a request, and what the store may still write of it; then others may try.
LEASE = timedelta(minutes=1)


@dataclass(frozen=True)
class Checked:
    """An upload that is what its ticket says."""

    ticket: Ticket
    measure: Measure


# What becomes of checked uploads, by their keys, in the transaction that records it.
Record = Callable[[Connection, Mapping[str, Checked]], Awaitable[T]]


class Registration:
    """Checks uploads and has them recorded."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store
        self._inspection = Inspection()

    async def run(
        self,
        caller: Caller,
        consultation_id: UUID,
        fields: Mapping[str, str],
        record: Record[T],
    ) -> T:
        """Check uploads, then record them, all or none.

        Args:
            caller: whose uploads and whose consultation these are.
            consultation_id: that they are for.
            fields: the body's name for each upload, by its key.
            record: runs in the one transaction that acts for the caller.

        Raises:
            AppError: VALIDATION_FAILED for a file that is refused, and deleted;
                STORAGE_UNAVAILABLE.
            psycopg.Error: what the database refuses.
        """
        async with self._database.acting_for(caller) as connection:
            tickets = await queries.begin_registration(
                connection,
                consultation_id=consultation_id,
                upload_keys=list(fields),
                lease=LEASE,
            )
        try:
            checked = await self._check_all(tickets, fields)
            async with self._database.acting_for(caller) as connection:
                return await record(connection, checked)
        except BaseException:
            async with self._database.system() as connection:
                await queries.abandon_registration(connection, tickets)
            raise

    async def _check_all(
        self, tickets: list[Ticket], fields: Mapping[str, str]
    ) -> dict[str, Checked]:
        checked: dict[str, Checked] = {}
        try:
            async with asyncio.timeout(PATIENCE):
                for ticket in tickets:
                    key = ticket.upload_key
                    checked[key] = await self._check(ticket, fields[key])
        except TimeoutError:
            raise errors.storage_unavailable() from None
        return checked

    async def _check(self, ticket: Ticket, field: str) -> Checked:
        """Keep a copy of exactly the bytes that were inspected."""
        try:
            with TemporaryFile() as file:
                await self._store.fetch(ticket.upload_key, file, size=ticket.size_bytes)
                measure = await self._inspection.inspect(file, ticket.mime_type)
                await self._store.keep(
                    ticket.kept_key, file, mime_type=ticket.mime_type
                )
        except MissingObjectError:
            raise errors.invalid_fields({field: "nothing was uploaded yet"}) from None
        except UnsoundError as error:
            await self._refuse(ticket)
            raise errors.invalid_fields({field: f"the file {error}"}) from None
        return Checked(ticket, measure)

    async def _refuse(self, ticket: Ticket) -> None:
        async with self._database.system() as connection:
            await queries.refuse_upload(connection, ticket)
        # It is written down as well, and done as soon as the store answers.
        with suppress(AppError):
            await self._store.delete(ticket.upload_key)
