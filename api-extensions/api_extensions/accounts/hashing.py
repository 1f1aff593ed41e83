"""Argon2id in a few threads: never on the event loop, never without a bound."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from api_extensions import errors
from api_extensions.accounts.passwords import normalize

# One of OWASP's choices of equal strength; memory (KiB) is taken per running hash.
_HASHER = PasswordHasher(time_cost=4, memory_cost=9 * 1024, parallelism=1)
# Hashes at a time, and how many may be running or waiting before we say "busy".
_THREADS, _MAX_WAITING = 2, 256

Result = TypeVar("Result")


@dataclass(frozen=True)
class Verification:
    """Whether a password matched, and whether its hash uses outdated parameters."""

    matches: bool
    is_outdated: bool = False


def hash_password(password: str) -> str:
    """Hash right here, for command line tools."""
    return _HASHER.hash(normalize(password))


class PasswordHashing:
    """Hashes and verifies passwords off the event loop."""

    def __init__(self, *, threads: int = _THREADS, waiting: int = _MAX_WAITING) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._capacity = waiting
        self._pending = 0
        # Verified against when there is no such account, so that it takes as long.
        self._nobody = _HASHER.hash("nobody's password")

    async def hash(self, password: str) -> str:
        """Hash a password.

        Raises:
            AppError: UNAVAILABLE when too many hashes are waiting already.
        """
        return await self._run(lambda: hash_password(password))

    async def verify(self, password_hash: str | None, password: str) -> Verification:
        """Compare a password with a hash; without a hash, fail after the same work.

        Raises:
            AppError: UNAVAILABLE when too many hashes are waiting already.
        """
        against = password_hash or self._nobody
        verification = await self._run(lambda: _verify(against, password))
        return verification if password_hash else Verification(matches=False)

    def close(self) -> None:
        """Let the threads end."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._pending >= self._capacity:
            raise errors.unavailable()
        self._pending += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._executor, work)
        finally:
            self._pending -= 1


def _verify(password_hash: str, password: str) -> Verification:
    try:
        _HASHER.verify(password_hash, normalize(password))
    except (VerificationError, InvalidHashError):
        return Verification(matches=False)
    return Verification(
        matches=True, is_outdated=_HASHER.check_needs_rehash(password_hash)
    )
