"""HTTP to a provider: an answer with JSON in it, or what is known of the lack of one.

Nothing that leaves here names the URL: Kavenegar's has the API key in its path.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import aiohttp

from api_extensions.sms.provider import FailureKind, NotSent

# Seconds for name, connection and TLS; until then the provider has not seen anything.
CONNECT_TIMEOUT = 5.0
# Refused by what stands before the provider, which therefore has not seen it.
_REFUSED_BEFORE = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
}


@dataclass(frozen=True)
class Reply:
    """What came back: the HTTP status, and the JSON object if the body was one."""

    status: int
    body: Mapping[str, Any] | None


class Transport:
    """Asks one provider; entered before the first question."""

    def __init__(
        self,
        *,
        timeout: timedelta,
        headers: Mapping[str, str] | None = None,
        reuses_connections: bool = True,
    ) -> None:
        """Prepare to ask.

        Args:
            timeout: for a whole question.
            headers: sent with every one.
            reuses_connections: a request on a connection that the other side just
                closed is lost without a trace: not for what must not be repeated.
        """
        self._timeout = aiohttp.ClientTimeout(
            total=timeout.total_seconds(),
            connect=CONNECT_TIMEOUT,
        )
        self._headers = dict(headers or {})
        self._reuses_connections = reuses_connections
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the pool of connections."""
        connector = aiohttp.TCPConnector(
            limit=0, force_close=not self._reuses_connections
        )
        self._session = aiohttp.ClientSession(
            connector=connector, timeout=self._timeout, headers=self._headers
        )

    async def close(self) -> None:
        """Close it."""
        if self._session:
            await self._session.close()

    async def ask(
        self,
        method: str,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        content: Mapping[str, Any] | None = None,
    ) -> Reply | NotSent:
        """Ask a question.

        Args:
            method: of HTTP.
            url: whole; redirections are not followed, they would take the key along.
            form: sent as a form.
            content: sent as JSON.

        Returns:
            The reply, or TRANSIENT when nobody saw the question, else UNKNOWN.
        """
        if self._session is None:
            raise RuntimeError("the transport is not open")
        try:
            async with self._session.request(
                method, url, data=form, json=content, allow_redirects=False
            ) as response:
                return Reply(response.status, _object(await response.read()))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return NotSent(FailureKind.TRANSIENT, f"no connection: {_name(error)}")
        except (aiohttp.ClientError, TimeoutError) as error:
            return NotSent(FailureKind.UNKNOWN, f"no answer: {_name(error)}")


def without_envelope(status: int) -> NotSent:
    """Explain an answer in which the provider's own JSON is missing.

    Something between us and the provider wrote it, or it broke off.

    Args:
        status: of HTTP.
    """
    error = f"HTTP {status} without an answer"
    if status in _REFUSED_BEFORE:
        return NotSent(FailureKind.TRANSIENT, error)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        # A wrong address, a proxy or a redirection.
        return NotSent(FailureKind.CONFIGURATION, error)
    return NotSent(FailureKind.UNKNOWN, error)


def _object(raw: bytes) -> Mapping[str, Any] | None:
    try:
        value = json.loads(raw)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _name(error: BaseException) -> str:
    """Name an error by its kind alone: its text may hold the URL."""
    return type(error).__name__
