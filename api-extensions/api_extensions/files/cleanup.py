"""Deletes objects: those written down for it, and those that a crash left behind."""

from datetime import UTC, datetime, timedelta

import structlog

from api_extensions.background import every, is_cancelled
from api_extensions.db import Database
from api_extensions.errors import AppError
from api_extensions.files import queries
from api_extensions.files.store import Store

log = structlog.get_logger()

# Seconds between two looks.
DELETION_INTERVAL, SWEEP_INTERVAL = 10.0, 900.0
BATCH = 50
# The bucket is gone through this often, whoever does it.
SWEEP_PAUSE = timedelta(hours=6)
# What is younger may be on its way into a row.
MIN_AGE = timedelta(days=1)
# All that is ours in the bucket.
PREFIXES = ("uploads/", "media/")


class Deleter:
    """Works off the outbox of deletions. Any number may run."""

    name = "object-deletions"

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    async def run(self) -> None:
        """Delete until cancelled."""
        await every(DELETION_INTERVAL, self.name, self.delete_due)

    async def delete_due(self) -> None:
        """Delete everything that is due; what the store refuses comes again later."""
        while not is_cancelled():
            async with self._database.system() as connection:
                keys = await queries.claim_deletions(connection, BATCH)
            gone = [key for key in keys if await self._is_deleted(key)]
            async with self._database.system() as connection:
                await queries.finish_deletions(connection, gone)
            if len(gone) < BATCH:
                return

    async def _is_deleted(self, key: str) -> bool:
        try:
            await self._store.delete(key)
        except AppError:
            return False
        return True


class Sweeper:
    """Finds objects of which no row speaks, and has them deleted."""

    name = "bucket-sweep"

    def __init__(
        self, database: Database, store: Store, *, min_age: timedelta = MIN_AGE
    ) -> None:
        self._database = database
        self._store = store
        self._min_age = min_age

    async def run(self) -> None:
        """Sweep until cancelled."""
        await every(SWEEP_INTERVAL, self.name, self._sweep_if_due)

    async def _sweep_if_due(self) -> None:
        async with self._database.system() as connection:
            is_ours = await queries.claim_sweep(connection, SWEEP_PAUSE)
        if is_ours:
            log.info("bucket_swept", found=await self.sweep())

    async def sweep(self) -> int:
        """Go through the bucket once; returns how many objects were found.

        Raises:
            AppError: STORAGE_UNAVAILABLE.
        """
        found = 0
        before = datetime.now(UTC) - self._min_age
        for prefix in PREFIXES:
            async for page in self._store.listing(prefix):
                old = [item.key for item in page if item.modified_at < before]
                async with self._database.system() as connection:
                    found += await queries.sweep_objects(connection, old)
        return found
