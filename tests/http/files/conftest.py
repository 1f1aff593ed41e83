"""The store of the running system, for tests that go behind the sidecar's back."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from api_extensions.db import Database
from api_extensions.files.store import Store
from api_extensions.settings import Settings, load_settings
from stack.background import System
from tests.http.payments.scene import sidecar_environment

# Runs something with a database and a store of its own, by default the system's.
Work = Callable[..., int]


@pytest.fixture
def settings(system: System, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of the running sidecar."""
    for name, text in sidecar_environment(system).items():
        monkeypatch.setenv(name, text)
    return load_settings()


@pytest.fixture
def work(settings: Settings) -> Work:
    """Run something with a database and a store of our own."""

    def _work(
        what: Callable[[Database, Store], Awaitable[int]], **changes: object
    ) -> int:
        mine = settings.model_copy(update=changes)

        async def _run() -> int:
            database, store = Database(mine), Store(mine)
            await database.open()
            await store.open()
            try:
                return await what(database, store)
            finally:
                await store.close()
                await database.close()

        return asyncio.run(_run())

    return _work
