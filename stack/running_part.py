"""One part while it runs: starting it, asking it, telling how it failed.

What it writes goes through a pipe to a reader of its own, which makes JSON lines of it.
The reader outlives the part, and us, by what is left in the pipe.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Self

import psycopg

from stack.account import Account
from stack.errors import StackError
from stack.part import Part
from stack.process import start_process, stop_process
from stack.programs import Programs
from stack.run_directory import shown

# Far more than any part takes; a machine that is busy may be slow.
_READY_SECONDS = 60.0
_LOG_LINES = 8
# A reader ends as soon as the last process that can write to it has ended.
_READER_SECONDS = 2.0


class PartError(StackError):
    """A part failed; the message names its log."""


@dataclass
class RunningPart:
    """A part, its process, and whether it has been seen to work."""

    part: Part
    log: Path
    process: subprocess.Popen[bytes]
    reader: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)
    is_ready: bool = False

    @classmethod
    def launch(
        cls,
        part: Part,
        log: Path,
        programs: Programs,
        account: Account | None,
        keep: int,
    ) -> Self:
        """Start a part.

        Args:
            part: what to start.
            log: gets its output; the log of the run before is kept beside it.
            programs: what reads the output is among them.
            account: runs both; None means ourselves.
            keep: a file descriptor for the part to hold.

        Raises:
            PartError: it can't be started.
        """
        try:
            part.before()
            with _read_into(log, part.name, programs, account) as (output, reader):
                process = start_process(
                    part.command,
                    log=output,
                    account=account,
                    environment=part.environment,
                    death_signal=part.death_signal,
                    keep=[keep],
                )
        except (StackError, psycopg.Error, OSError) as error:
            raise PartError(f"{part.name} can't be started: {error}") from error
        return cls(part, log, process, reader)

    @property
    def seconds(self) -> float:
        """Return the time since the start."""
        return time.monotonic() - self.started

    def look(self) -> bool:
        """Return whether the part has become ready since the last look.

        Raises:
            PartError: it has ended, or takes too long.
        """
        status = self.process.poll()
        if self.part.is_ready is None and status == 0:
            now_ready = True
        elif status is not None:
            raise self._failure(f"ended {_how(status)}")
        else:
            ask = self.part.is_ready
            now_ready = self.is_ready or (ask is not None and ask())
        if not now_ready and self.seconds > _READY_SECONDS:
            raise self._failure(f"is not ready after {_READY_SECONDS:.0f} seconds")
        is_news = now_ready and not self.is_ready
        self.is_ready = now_ready
        return is_news

    def stop(self) -> None:
        """Stop the process and wait for its end."""
        stop_process(self.process, self.part.stop_signal, self.part.patience)
        # What a server that crashed may have left of its own session.
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self._read_the_rest()
        self.part.after()
        self.is_ready = False

    def _failure(self, what: str) -> PartError:
        if self.process.poll() is not None:
            self._read_the_rest()
        lines = self.log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
        quoted = "".join(f"\n  | {_message(line)}" for line in lines)
        log = shown(self.log)
        return PartError(f"{self.part.name} {what}; its log is {log}{quoted}")

    def _read_the_rest(self) -> None:
        """Let the reader write what is left in the pipe."""
        with suppress(subprocess.TimeoutExpired):
            self.reader.wait(_READER_SECONDS)
            return
        self.reader.kill()
        self.reader.wait()


@contextmanager
def _read_into(
    log: Path, name: str, programs: Programs, account: Account | None
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Start a reader for a part; give the descriptor to write to, and the reader."""
    source, target = os.pipe()
    try:
        with _create(log) as file:
            reader = start_process(
                [programs.python, "-S", "-m", "stack.json_log", name],
                log=file,
                source=source,
                account=account,
                environment=programs.python_environment,
            )
        try:
            yield target, reader
        except BaseException:
            reader.kill()
            reader.wait()
            raise
    finally:
        os.close(source)
        os.close(target)


def _message(line: str) -> str:
    """Return what a line of a log says to a person."""
    try:
        return str(json.loads(line)["message"])
    except (ValueError, KeyError):
        return line


def _create(log: Path) -> IO[bytes]:
    """Open a new log. Its directory belongs to the parts, so no link is followed."""
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW
    return os.fdopen(os.open(log, flags, 0o600), "ab")


def _how(status: int) -> str:
    if status < 0:
        return f"by signal {signal.Signals(-status).name}"
    return f"with exit status {status}"
