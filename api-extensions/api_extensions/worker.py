"""`python -m api_extensions.worker`: the background work without the HTTP sidecar."""

import asyncio
import signal
import sys

import structlog
from prometheus_client import start_http_server

from api_extensions.background import running
from api_extensions.db import Database
from api_extensions.files.store import Store
from api_extensions.logs import configure_logging
from api_extensions.payments.registry import build_gateways
from api_extensions.settings import Settings, SettingsError, load_settings
from api_extensions.workers import build_workers


async def work(settings: Settings) -> None:
    """Run the workers until SIGTERM or SIGINT.

    Raises:
        SettingsError: when the settings name a gateway or provider that is not there.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    database = Database(settings)
    gateways = build_gateways(settings, database)
    store = Store(settings)
    workers = build_workers(settings, database, gateways, store)
    await database.open()
    await store.open()
    try:
        async with running(workers):
            structlog.get_logger().info("working", workers=[w.name for w in workers])
            await stop.wait()
    finally:
        await store.close()
        await gateways.close()
        await database.close()


def _show_metrics(settings: Settings) -> None:
    """Serve what this process counts; the system's state is shown by the sidecars.

    Raises:
        SettingsError: when nobody can listen there.
    """
    if settings.metrics_address is None:
        return
    host, port = settings.metrics_address
    try:
        start_http_server(port, addr=host)
    except OSError as error:
        message = f"METRICS_LISTEN can't be listened on: {error}"
        raise SettingsError(message) from None


def main() -> None:
    """Read the settings and work; an unsound setting ends it with a sentence."""
    try:
        settings = load_settings()
        configure_logging(settings.log_level)
        _show_metrics(settings)
        asyncio.run(work(settings))
    except SettingsError as error:
        sys.exit(f"The worker can't start: {error}")


if __name__ == "__main__":
    main()
