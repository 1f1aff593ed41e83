"""The object store: S3, or whatever speaks its language. One code path for them all."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import IO, TYPE_CHECKING, Any, TypeVar

import boto3
import structlog
import urllib3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from api_extensions import errors
from api_extensions.files.measure import UnsoundError
from api_extensions.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ListObjectsV2OutputTypeDef

log = structlog.get_logger()
T = TypeVar("T")

# Seconds that a signed URL works, whatever it is for.
URL_SECONDS = 15 * 60
# Seconds to get a connection. A request is tried twice: a lost one costs little.
CONNECT_TIMEOUT, TRIES = 2.0, 2
_CHUNK = 256 * 1024
_MISSING = {"NoSuchKey", "404", "NotFound"}


class MissingObjectError(Exception):
    """Nothing lies under this key."""


@dataclass(frozen=True)
class StoredObject:
    """What a listing tells of an object."""

    key: str
    modified_at: datetime


class Store:
    """One bucket; requests to it run in threads of their own, and nobody waits."""

    def __init__(self, settings: Settings) -> None:
        self._bucket = settings.s3_bucket
        self._client = _client(settings, settings.s3_endpoint)
        public = settings.s3_public_endpoint
        # Signs for the host that clients call, and never calls it itself.
        self._signer = _client(settings, public) if public else self._client
        self._pool = ThreadPoolExecutor(settings.s3_max_in_flight, "store")
        # Both tries, and a place in the queue.
        self._patience = 2 * settings.s3_timeout.total_seconds() + CONNECT_TIMEOUT

    def close(self) -> None:
        """Let go of the threads; what they are doing is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def signed_put(
        self, key: str, *, mime_type: str, size: int
    ) -> tuple[str, Mapping[str, str]]:
        """Sign an upload of exactly this type and size; works for URL_SECONDS.

        Returns:
            The URL, and the headers that go with it.
        """
        url = self._signer.generate_presigned_url(
            "put_object",
            Params={
                "Bucket": self._bucket,
                "Key": key,
                "ContentType": mime_type,
                "ContentLength": size,
            },
            ExpiresIn=URL_SECONDS,
        )
        return url, {"Content-Type": mime_type, "Content-Length": str(size)}

    def signed_get(self, key: str, *, mime_type: str, filename: str) -> str:
        """Sign a download; works for URL_SECONDS. Nothing is asked of the store.

        Args:
            key: of the object.
            mime_type: what it is called when it comes.
            filename: what it is saved as: plain ASCII without quotes.
        """
        return self._signer.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": key,
                "ResponseContentType": mime_type,
                "ResponseContentDisposition": f'attachment; filename="{filename}"',
                "ResponseCacheControl": "private, no-store",
            },
            ExpiresIn=URL_SECONDS,
        )

    async def fetch(self, key: str, file: IO[bytes], *, size: int) -> None:
        """Copy an object into a file.

        Raises:
            MissingObjectError: there is none.
            UnsoundError: it has another size.
            AppError: STORAGE_UNAVAILABLE.
        """
        await self._call(partial(self._fetch, key, file, size))

    async def keep(self, key: str, file: IO[bytes], *, mime_type: str) -> None:
        """Store a whole file under a key of ours.

        Raises:
            AppError: STORAGE_UNAVAILABLE.
        """
        await self._call(partial(self._keep, key, file, mime_type))

    async def delete(self, key: str) -> None:
        """Delete an object, or find that it is gone.

        Raises:
            AppError: STORAGE_UNAVAILABLE.
        """
        await self._call(
            partial(self._client.delete_object, Bucket=self._bucket, Key=key)
        )

    async def listing(self, prefix: str) -> AsyncIterator[list[StoredObject]]:
        """Go through all objects whose keys begin with the prefix, in pages.

        Raises:
            AppError: STORAGE_UNAVAILABLE.
        """
        more: dict[str, Any] = {}
        while True:
            page = await self._call(partial(self._page, prefix, more))
            yield [
                StoredObject(item["Key"], item["LastModified"])
                for item in page.get("Contents", [])
            ]
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def _fetch(self, key: str, file: IO[bytes], size: int) -> None:
        answer = self._client.get_object(Bucket=self._bucket, Key=key)
        with closing(answer["Body"]) as body:
            if answer["ContentLength"] != size:
                raise UnsoundError(f"has not the {size} bytes that were announced")
            for chunk in body.iter_chunks(_CHUNK):
                file.write(chunk)

    def _keep(self, key: str, file: IO[bytes], mime_type: str) -> None:
        file.seek(0)
        self._client.put_object(
            Bucket=self._bucket,
            Key=key,
            Body=file,
            ContentType=mime_type,
            ContentDisposition="attachment",
        )

    def _page(self, prefix: str, more: dict[str, Any]) -> "ListObjectsV2OutputTypeDef":
        return self._client.list_objects_v2(Bucket=self._bucket, Prefix=prefix, **more)

    async def _call(self, work: Callable[[], T]) -> T:
        """Run a request in a thread, and call every trouble with it by one name."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._patience):
                return await loop.run_in_executor(self._pool, work)
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                raise MissingObjectError from None
            reason = error.response["Error"]["Code"]
        except (
            BotoCoreError,
            urllib3.exceptions.HTTPError,
            OSError,
            TimeoutError,
        ) as error:
            reason = type(error).__name__
        log.error("storage_unavailable", reason=reason)
        raise errors.storage_unavailable()


def _client(settings: Settings, endpoint: str) -> "S3Client":
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=settings.s3_region,
        aws_access_key_id=settings.s3_access_key.get_secret_value(),
        aws_secret_access_key=settings.s3_secret_key.get_secret_value(),
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": settings.s3_addressing.value},
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=settings.s3_timeout.total_seconds(),
            retries={"total_max_attempts": TRIES, "mode": "standard"},
            max_pool_connections=settings.s3_max_in_flight,
            # Newer checksums are not understood by all that speak S3.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
