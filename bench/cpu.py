"""What each part of a running system has used of the processors, and of memory."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
MILLISECONDS_PER_TICK = 1000 / os.sysconf("SC_CLK_TCK")
# Which part a process belongs to, by a word of its command line.
_PARTS = {
    "postgrest": "PostgREST",
    "postgres": "PostgreSQL",
    "nginx": "nginx",
    "api_extensions": "sidecar",
}
# Where /proc/PID/stat has user, system, and both of ended children, after the name.
_TIMES = slice(11, 15)


def ticks_used(run_dir: Path) -> Counter[str]:
    """Return the processor time that each part has used so far, in ticks."""
    used: Counter[str] = Counter()
    for process, part in _processes(run_dir):
        fields = (process / "stat").read_text().rpartition(")")[2].split()
        used[part] += sum(int(ticks) for ticks in fields[_TIMES])
    return used


def megabytes(run_dir: Path, part: str, field: str = "VmRSS") -> float:
    """Return the memory of a part: VmRSS is now, VmHWM the most it ever had."""
    return sum(
        int(line.split()[1]) / 1024
        for process, name in _processes(run_dir)
        if name == part
        for line in (process / "status").read_text().splitlines()
        if line.startswith(field)
    )


def _processes(run_dir: Path) -> Iterator[tuple[Path, str]]:
    """Give every process of the run, with its part."""
    launcher = int((run_dir / "lock").read_text())
    waiting = _children(launcher)
    while waiting:
        process = _PROC / str(waiting.pop())
        try:
            command = (process / "cmdline").read_bytes().decode(errors="replace")
            waiting += _children(int(process.name))
        except FileNotFoundError:  # it has ended meanwhile
            continue
        part = next((part for word, part in _PARTS.items() if word in command), None)
        if part:
            yield process, part


def _children(pid: int) -> list[int]:
    threads = (_PROC / str(pid) / "task").glob("*/children")
    return [int(child) for thread in threads for child in thread.read_text().split()]
