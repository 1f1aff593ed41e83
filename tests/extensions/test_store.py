"""The object store when it hangs, fails or refuses: one name for it, and in time."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from tempfile import TemporaryFile

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from api_extensions.errors import AppError
from api_extensions.files.store import MissingObjectError, Store
from api_extensions.settings import Settings

BODY = b"seven.."
FOUND = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n" + BODY
BROKEN_OFF = FOUND[:-3]
FAILED = b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"


def refusal(status: int, code: str) -> bytes:
    """Return an answer in which S3 says no."""
    text = f"<Error><Code>{code}</Code></Error>"
    return f"HTTP/1.1 {status} No\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode()


Fetch = Callable[[Sequence[bytes]], Coroutine[None, None, tuple[bytes, int]]]


@pytest.fixture
def fetch(settings: Settings) -> Fetch:
    """Fetch an object from a server that gives these answers, and then none.

    Returns what was read, and how often the server was asked.
    """

    async def _fetch(answers: Sequence[bytes]) -> tuple[bytes, int]:
        remaining = list(answers)
        connections: list[asyncio.Task[object] | None] = []

        async def answer(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            connections.append(asyncio.current_task())
            await reader.readuntil(b"\r\n\r\n")
            # Without an answer, wait until the other side has had enough.
            writer.write(remaining.pop(0) if remaining else await reader.read())
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        changes = {
            "s3_endpoint": f"http://127.0.0.1:{port}",
            "s3_timeout": timedelta(seconds=0.2),
        }
        store = Store(settings.model_copy(update=changes))
        await store.open()
        try:
            with TemporaryFile() as file:
                await store.fetch("media/x", file, size=len(BODY))
                file.seek(0)
                return file.read(), len(connections)
        finally:
            await store.close()
            server.close()
            await asyncio.gather(*filter(None, connections), return_exceptions=True)

    return _fetch


@pytest.mark.parametrize("first", [FAILED, BROKEN_OFF, b""])
def test_what_fails_once_is_tried_again(fetch: Fetch, first: bytes) -> None:
    assert asyncio.run(fetch([first, FOUND])) == (BODY, 2)


@pytest.mark.parametrize(
    "answers",
    [
        [],
        [FAILED, FAILED],
        [BROKEN_OFF, FAILED],
        [refusal(403, "AccessDenied")] * 2,
        [refusal(404, "NoSuchBucket")] * 2,
        [b"HTTP/1.1 301 Elsewhere\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"] * 2,
    ],
    ids=["hangs", "fails", "breaks off", "refuses", "has no bucket", "moved"],
)
def test_any_other_trouble_is_a_store_that_is_unavailable(
    fetch: Fetch, answers: list[bytes]
) -> None:
    with pytest.raises(AppError) as refused:
        asyncio.run(fetch(answers))
    assert (refused.value.status, refused.value.code) == (503, "STORAGE_UNAVAILABLE")


def test_an_object_that_is_not_there_is_no_trouble(fetch: Fetch) -> None:
    with pytest.raises(MissingObjectError):
        asyncio.run(fetch([refusal(404, "NoSuchKey")]))


def test_a_proxy_that_packs_what_may_be_packed_leaves_objects_alone(
    settings: Settings,
) -> None:
    async def pack(_: web.Request) -> web.Response:
        answer = web.Response(body=BODY)
        answer.enable_compression()
        return answer

    async def play() -> bytes:
        proxy = web.Application()
        proxy.router.add_get("/{key:.*}", pack)
        async with TestServer(proxy) as server:
            store = Store(
                settings.model_copy(update={"s3_endpoint": str(server.make_url("/"))})
            )
            await store.open()
            with TemporaryFile() as file:
                await store.fetch("media/x", file, size=len(BODY))
                await store.close()
                file.seek(0)
                return file.read()

    assert asyncio.run(play()) == BODY


def test_others_go_on_while_a_store_hangs(fetch: Fetch) -> None:
    async def play() -> int:
        waiting = asyncio.ensure_future(fetch([]))
        ticks = 0
        while not waiting.done():
            await asyncio.sleep(0.01)
            ticks += 1
        with pytest.raises(AppError):
            await waiting
        return ticks

    assert asyncio.run(play()) > 10
