"""Has a file inspected by a process that can't do any harm."""

import asyncio
import json
import os
import signal
import sys
from typing import IO

from api_extensions import errors
from api_extensions.files.measure import Measure, UnsoundError

# Seconds by the clock; the inspector's own limit is on what it computes.
PATIENCE = 15.0
# Inspectors that one sidecar runs at a time.
MAX_AT_ONCE = 2
# How the kernel ends one that has used up its time.
_EXHAUSTED = {-signal.SIGXCPU, -signal.SIGKILL}

_INSPECTOR = (sys.executable, "-m", "api_extensions.files.inspector")
# What an interpreter needs to be found, and no secret: a stranger's file is read there.
_ENVIRONMENT = {
    "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    "LD_LIBRARY_PATH": os.environ.get("LD_LIBRARY_PATH", ""),
}


class Inspection:
    """Inspects files, a few at a time."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(MAX_AT_ONCE)

    async def inspect(self, file: IO[bytes], mime_type: str) -> Measure:
        """Check that a file is what it should be, and measure it.

        Raises:
            UnsoundError: it is not.
            AppError: UNAVAILABLE when that could not be found out in time.
        """
        try:
            async with asyncio.timeout(PATIENCE), self._places:
                text = await _run(file, mime_type)
        except TimeoutError:
            raise errors.unavailable() from None
        answer = json.loads(text)
        if "refused" in answer:
            raise UnsoundError(answer["refused"])
        return Measure(**answer)


async def _run(file: IO[bytes], mime_type: str) -> bytes:
    file.seek(0)
    process = await asyncio.create_subprocess_exec(
        *_INSPECTOR,
        mime_type,
        stdin=file,
        stdout=asyncio.subprocess.PIPE,
        env=_ENVIRONMENT,
    )
    try:
        text, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode in _EXHAUSTED:
        raise UnsoundError("takes too long to read")
    if process.returncode:
        raise RuntimeError(f"the inspector ended with {process.returncode}")
    return text
