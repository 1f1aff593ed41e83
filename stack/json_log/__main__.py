"""Read a part's output and write JSON lines: `python -m stack.json_log PART`.

With a command after the name it runs that, and passes signals on to it: so a server
that can only write text is run where nothing else reads its output (containers).
"""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from threading import Thread

from stack.json_log.lines import entry, is_entry

_CHUNK = 1 << 16
# How long a line is kept for others that continue it.
_PATIENCE_SECONDS = 0.05
# How long a command that has ended is listened to.
_LAST_WORDS_SECONDS = 1.0
_NEXT_LINE = re.compile(rb"\n(?![ \t])")
_STANDARD_INPUT, _STANDARD_OUTPUT = 0, 1
_PASSED_ON = (
    *(signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM),
    *(signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH),
)


def follow(source: int, part: str) -> None:
    """Translate what comes from a descriptor until every writer has closed it."""
    pending = b""
    while True:
        is_whole = pending.endswith(b"\n")
        if is_whole and not select.select([source], [], [], _PATIENCE_SECONDS)[0]:
            _write(part, [pending])
            pending = b""
        chunk = os.read(source, _CHUNK)
        *lines, pending = _lines(pending + chunk)
        _write(part, lines)
        if not chunk:
            _write(part, [pending])
            return


def run(part: str, command: Sequence[str]) -> int:
    """Run a command, translate its output, and return its exit status.

    What it leaves behind may go on writing: that is not waited for. In a container it
    ends with us, so that a server whose first process was killed is started again.
    """
    source, target = os.pipe()
    process = subprocess.Popen(command, stdout=target, stderr=target)
    os.close(target)
    for number in _PASSED_ON:
        signal.signal(number, lambda number, _: process.send_signal(number))
    Thread(target=_end_after, args=[process], daemon=True).start()
    follow(source, part)
    return _status(process)


def _end_after(process: subprocess.Popen[bytes]) -> None:
    """End us after a process, though others keep its output open."""
    status = _status(process)
    time.sleep(_LAST_WORDS_SECONDS)
    os._exit(status)


def _status(process: subprocess.Popen[bytes]) -> int:
    """Wait for the end of a process; return its exit status as a shell does."""
    status = process.wait()
    return status if status >= 0 else 128 - status


def _lines(text: bytes) -> list[bytes]:
    """Split into lines; the last one is what others may still continue."""
    *lines, last = _NEXT_LINE.split(text)
    if last or not lines:
        return [*lines, last]
    return [*lines[:-1], lines[-1] + b"\n"]


def _write(part: str, lines: Sequence[bytes]) -> None:
    """Write in one piece. Where that fails (a full disk), the server still goes on."""
    texts = [line.decode("utf-8", "replace").strip() for line in lines]
    told = "".join(f"{_translated(part, text)}\n" for text in texts if text)
    output = told.encode("utf-8", "replace")  # half a character can come out of JSON
    with suppress(OSError):
        while output:
            output = output[os.write(_STANDARD_OUTPUT, output) :]


def _translated(part: str, text: str) -> str:
    return text if is_entry(text) else json.dumps(entry(part, text), ensure_ascii=False)


def main() -> int:
    """Do what the command line says; return the exit status."""
    part, *command = sys.argv[1:]
    if command:
        return run(part, command)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the end is when the part has ended
    follow(_STANDARD_INPUT, part)
    return 0


if __name__ == "__main__":
    sys.exit(main())
