"""The object store: S3, or whatever speaks its language. One code path for them all."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import IO, TypeVar
from xml.etree import ElementTree

import aiohttp
import structlog
from yarl import URL

from api_extensions import errors
from api_extensions.files.measure import UnsoundError
from api_extensions.files.signing import Signer
from api_extensions.settings import Settings

log = structlog.get_logger()
T = TypeVar("T")

# Seconds that a signed URL works, whatever it is for; one of ours is used at once, and
# may find a clock that is wrong.
URL_SECONDS, OWN_SECONDS = 15 * 60, 5 * 60
# Seconds to get a connection. A request is tried twice: a lost one costs little.
CONNECT_TIMEOUT, TRIES = 2.0, 2
_CHUNK = 256 * 1024
# What a refusal is called, in its XML.
_CODE = re.compile(rb"<Code>(\w+)</Code>")


class MissingObjectError(Exception):
    """Nothing lies under this key."""


class _RefusedError(Exception):
    """The store answered, and not with what was asked for; the text is its code."""


@dataclass(frozen=True)
class StoredObject:
    """What a listing tells of an object."""

    key: str
    modified_at: datetime


class Store:
    """One bucket."""

    def __init__(self, settings: Settings) -> None:
        self._signer = Signer(settings, settings.s3_endpoint)
        # For clients; what it signs is never called from here.
        self._public_signer = Signer(
            settings, settings.s3_public_endpoint or settings.s3_endpoint
        )
        self._max_in_flight = settings.s3_max_in_flight
        seconds = settings.s3_timeout.total_seconds()
        self._timeout = aiohttp.ClientTimeout(
            sock_connect=CONNECT_TIMEOUT, sock_read=seconds
        )
        # All tries, and a place in the queue.
        self._patience = TRIES * seconds + CONNECT_TIMEOUT
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the pool of connections; nothing is asked yet."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._max_in_flight),
            timeout=self._timeout,
            # A proxy on the way may not pack it: the length is what the ticket says.
            headers={"Accept-Encoding": "identity"},
            # Clients may have said that their bytes are packed: nobody unpacks them.
            auto_decompress=False,
        )

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session:
            await self._session.close()

    def signed_put(
        self, key: str, *, mime_type: str, size: int
    ) -> tuple[str, Mapping[str, str]]:
        """Sign an upload of exactly this type and size; works for URL_SECONDS.

        Returns:
            The URL, and the headers that go with it.
        """
        headers = {"Content-Type": mime_type, "Content-Length": str(size)}
        url = self._public_signer.sign("PUT", key, seconds=URL_SECONDS, headers=headers)
        return url, headers

    def signed_get(self, key: str, *, mime_type: str, filename: str) -> str:
        """Sign a download; works for URL_SECONDS. Nothing is asked of the store.

        Args:
            key: of the object.
            mime_type: what it is called when it comes.
            filename: what it is saved as: plain ASCII without quotes.
        """
        return self._public_signer.sign(
            "GET",
            key,
            seconds=URL_SECONDS,
            query={
                "response-content-type": mime_type,
                "response-content-disposition": f'attachment; filename="{filename}"',
                "response-cache-control": "private, no-store",
            },
        )

    async def fetch(self, key: str, file: IO[bytes], *, size: int) -> None:
        """Copy an object into a file.

        Raises:
            MissingObjectError: there is none.
            UnsoundError: it has another size.
            AppError: STORAGE_UNAVAILABLE.
        """

        async def _fetch() -> None:
            file.seek(0)
            file.truncate()
            async with self._ask("GET", key) as answer:
                if answer.content_length != size:
                    raise UnsoundError(f"has not the {size} bytes that were announced")
                async for chunk in answer.content.iter_chunked(_CHUNK):
                    file.write(chunk)

        await self._try(_fetch)

    async def keep(self, key: str, file: IO[bytes], *, mime_type: str) -> None:
        """Store a whole file under a key of ours.

        Raises:
            AppError: STORAGE_UNAVAILABLE.
        """
        headers = {
            "Content-Type": mime_type,
            "Content-Length": str(file.seek(0, 2)),
            "Content-Disposition": "attachment",
        }

        async def _keep() -> None:
            async with self._ask("PUT", key, headers=headers, data=_chunks(file)):
                pass

        await self._try(_keep)

    async def delete(self, key: str) -> None:
        """Delete an object, or find that it is gone.

        Raises:
            AppError: STORAGE_UNAVAILABLE.
        """

        async def _delete() -> None:
            async with self._ask("DELETE", key):
                pass

        with suppress(MissingObjectError):
            await self._try(_delete)

    async def listing(self, prefix: str) -> AsyncIterator[list[StoredObject]]:
        """Go through all objects whose keys begin with the prefix, in pages.

        Raises:
            AppError: STORAGE_UNAVAILABLE.
        """
        query = {"list-type": "2", "prefix": prefix}

        async def _page() -> bytes:
            async with self._ask("GET", "", query=query) as answer:
                return await answer.read()

        while True:
            # What the store of our own settings says is not a stranger's XML.
            page = ElementTree.fromstring(await self._try(_page))  # noqa: S314
            yield [_stored(item) for item in page.findall("{*}Contents")]
            more = page.findtext("{*}NextContinuationToken")
            if not more:
                return
            query["continuation-token"] = more

    @asynccontextmanager
    async def _ask(
        self,
        method: str,
        key: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        data: AsyncIterator[bytes] | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send one request, and lend its answer if it is a success."""
        if self._session is None:
            raise RuntimeError("the store is not open")
        url = self._signer.sign(
            method, key, seconds=OWN_SECONDS, headers=headers, query=query
        )
        async with self._session.request(
            method,
            URL(url, encoded=True),
            headers=headers,
            data=data,
            allow_redirects=False,
        ) as answer:
            if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
                raise await _refusal(answer)
            yield answer

    async def _try(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do it, twice if need be; every trouble with the store has one name."""
        reason = ""
        try:
            async with asyncio.timeout(self._patience):
                for _ in range(TRIES):
                    try:
                        return await work()
                    except _RefusedError as error:
                        reason = str(error)
                    except (aiohttp.ClientError, OSError) as error:
                        reason = type(error).__name__
        except TimeoutError:
            reason = reason or "TimeoutError"
        log.error("storage_unavailable", reason=reason)
        raise errors.storage_unavailable()


async def _refusal(answer: aiohttp.ClientResponse) -> Exception:
    found = _CODE.search(await answer.read())
    code = found[1].decode() if found else f"HTTP {answer.status}"
    return MissingObjectError() if code == "NoSuchKey" else _RefusedError(code)


def _stored(item: ElementTree.Element) -> StoredObject:
    return StoredObject(
        item.findtext("{*}Key", ""),
        datetime.fromisoformat(item.findtext("{*}LastModified", "")),
    )


async def _chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    file.seek(0)
    while chunk := file.read(_CHUNK):
        yield chunk
