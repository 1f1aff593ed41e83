"""Addresses in the bucket, signed: whoever has one makes that one request, for a while.

Our own requests are signed the same way: what works for us works for clients.
"""

from collections.abc import Mapping
from urllib.parse import quote

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from yarl import URL

from api_extensions.settings import Addressing, Settings


class Signer:
    """Signs for one address of the store."""

    def __init__(self, settings: Settings, endpoint: str) -> None:
        """Prepare to sign.

        Args:
            settings: have the bucket, its region and the key.
            endpoint: of the store, as those reach it who will use the addresses.
        """
        self._root = _root(settings, URL(endpoint))
        self._region = settings.s3_region
        self._credentials = Credentials(
            settings.s3_access_key.get_secret_value(),
            settings.s3_secret_key.get_secret_value(),
        )

    def sign(
        self,
        method: str,
        key: str,
        *,
        seconds: int,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> str:
        """Sign one request.

        Args:
            method: of HTTP.
            key: of the object; empty for the bucket itself.
            seconds: that the signature is worth something.
            headers: must be sent exactly so.
            query: what else the store is to know.
        """
        request = AWSRequest(
            method, f"{self._root}/{quote(key)}", dict(headers or {}), params=query
        )
        S3SigV4QueryAuth(
            self._credentials, "s3", self._region, expires=seconds
        ).add_auth(request)
        return str(request.url)


def _root(settings: Settings, endpoint: URL) -> str:
    """Return the bucket's address: its name is in the path, or begins the host."""
    if settings.s3_addressing is Addressing.PATH:
        return str(endpoint / settings.s3_bucket)
    host = f"{settings.s3_bucket}.{endpoint.host}"
    return str(endpoint.with_host(host)).rstrip("/")
