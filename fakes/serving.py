"""Running a fake in a thread of its own, for tests that start processes."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web


@contextmanager
def serving(app: web.Application) -> Iterator[str]:
    """Serve an application on a free port of 127.0.0.1 until the body ends.

    Yields:
        Its address, without a path.
    """
    loop = asyncio.new_event_loop()
    started: list[str] = []
    ready = threading.Event()

    def run() -> None:
        runner = loop.run_until_complete(_start(app))
        host, port = runner.addresses[0][:2]
        started.append(f"http://{host}:{port}")
        ready.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.run_until_complete(_cancel_the_rest())
        loop.close()

    thread = threading.Thread(target=run, name="fake")
    thread.start()
    ready.wait()
    try:
        yield started[0]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


async def _start(app: web.Application) -> web.AppRunner:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner


async def _cancel_the_rest() -> None:
    """End the answers that nobody waits for any more."""
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
