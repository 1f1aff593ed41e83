"""The run directory: what lies where, whose it is, and one run at a time in it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path

from stack.account import Account
from stack.errors import StackError
from stack.lock import lock_file
from stack.reachable import private_directory

_STATE_HOME = Path("/var/tmp")  # noqa: S108  # private_directory() checks it
# What a run makes: `reset` removes these, and nothing that somebody else put there.
_FILES = (
    *("vetline.env", "sidecar.env", "jobs.env", "sockets", "logs"),
    *("secrets.json", "ports.json", "parts.lock", "lock"),
)
_STATE = ("postgres", "postgres.new", "s3", "nginx", "logs")


@dataclass(frozen=True)
class RunDirectory:
    """Where a run keeps its things.

    Attributes:
        path: the directory itself, ours.
        state: holds what the parts write: `path`, unless they can't reach that.
    """

    path: Path
    state: Path

    def file(self, name: str) -> Path:
        """Return the path of one of our own files."""
        return self.path / name

    def log(self, part: str) -> Path:
        """Return the path of a part's log."""
        return self.state / "logs" / f"{part}.log"

    def part_directory(self, name: str, account: Account | None) -> Path:
        """Make a directory that a part may write to, closed to other accounts."""
        directory = self.state / name
        directory.mkdir(mode=0o700, exist_ok=True)
        if account:
            account.own(directory)
        return directory


def claim(path: Path) -> int:
    """Make the run directory and lock it; return the descriptor that holds the lock.

    Raises:
        StackError: it is another user's, or in use, or can't be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        owner = path.stat().st_uid
        if owner != os.geteuid():
            raise StackError(
                f"The run directory {shown(path)} belongs to {_user_name(owner)}: "
                "start as that user, or choose another directory with RUN_DIR=…"
            )
        path.chmod(0o755)  # whatever the umask: the parts' account must get through
        return _lock(path / "lock")
    except OSError as error:
        raise StackError(f"RUN_DIR can't be used: {error}") from error


def locate(path: Path, account: Account | None) -> RunDirectory:
    """Decide where the parts of a claimed run directory keep their state.

    That is where earlier runs have kept it, if there were any.

    Raises:
        StackError: it is in the run directory, and `account` can't get there any more.
    """
    if account is None:
        return RunDirectory(path, path)
    distant = _distant_state(path)
    can_reach = account.can_reach(path)
    if can_reach and not _has_state(distant):
        return RunDirectory(path, path)
    if not can_reach and _has_state(path):
        raise StackError(
            f"The data in {shown(path)} is out of reach for user {account.name}, who "
            "runs the parts: open the directories that lead to it (chmod a+x), or "
            "forget it with 'make reset'"
        )
    state = private_directory(distant)
    logs = path / "logs"
    if not os.path.lexists(logs):
        logs.symlink_to(state / "logs")  # people look for them here
    return RunDirectory(path, state)


def reset(path: Path) -> None:
    """Remove everything that runs have left in a claimed run directory."""
    distant = _distant_state(path)
    for name in _STATE:
        for directory in (path / name, distant / name):
            if not directory.is_symlink():
                shutil.rmtree(directory, ignore_errors=True)
    for name in _FILES:
        (path / name).unlink(missing_ok=True)
    for directory in (distant, path):
        if directory.is_dir() and not any(directory.iterdir()):
            directory.rmdir()


def shown(path: Path) -> str:
    """Return the path as a person would type it here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _lock(path: Path) -> int:
    try:
        descriptor = lock_file(path, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise StackError(
            f"Vetline is running already in {shown(path.parent)} (process "
            f"{path.read_text().strip()}): stop that one, or start a second one beside "
            "it with RUN_DIR=… PORT=…"
        ) from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
    return descriptor


def _distant_state(path: Path) -> Path:
    digest = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:12]
    return _STATE_HOME / f"vetline-{digest}"


def _has_state(path: Path) -> bool:
    """Tell whether parts have kept something there: a link only leads elsewhere."""
    return any((path / n).is_dir() and not (path / n).is_symlink() for n in _STATE)


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
