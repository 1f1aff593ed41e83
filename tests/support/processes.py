"""The processes of a running system."""

from pathlib import Path

from stack.leftovers import holders


def parts(run_dir: Path, word: str = "") -> list[int]:
    """Return the ids of the parts' processes whose command line has `word`, in order.

    The order is that of their numbers: as a rule the older first.
    """
    supervisors = (run_dir / "lock").read_text().split()
    pids = sorted(holders(run_dir / "parts.lock"))
    return [
        pid for pid in pids if str(pid) not in supervisors and word in command_line(pid)
    ]


def command_line(pid: int) -> str:
    """Return the command line of a process; nothing when it has ended."""
    try:
        return (
            Path(f"/proc/{pid}/cmdline")
            .read_text("utf-8", "replace")
            .replace("\0", " ")
        )
    except (FileNotFoundError, ProcessLookupError):
        return ""


def is_alive(pid: int) -> bool:
    """Tell whether a process runs (a zombie does not)."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
