"""Copies of installed files, for an account that cannot reach the originals.

Root's Python, or a checkout below a 0700 home, is closed to the unprivileged account
that runs the parts. Such trees are copied once to /var/tmp (hard-linked where that
is possible) under a fingerprint of what they hold.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from stack.account import Account
from stack.errors import StackError
from stack.lock import lock_file

COPIES = Path("/var/tmp/vetline-copies")  # noqa: S108  # private_directory() checks it

_READABLE = stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH
# Shared locks on the copies this process uses; the kernel drops them at its end.
_in_use: list[int] = []


def reachable(
    source: Path,
    account: Account | None,
    *,
    only: frozenset[str] = frozenset(),
    skip: frozenset[str] = frozenset(),
) -> Path:
    """Return a path with the same files as `source` that `account` can read.

    Args:
        source: a directory tree.
        account: who must reach it; None means ourselves, who can.
        only: directories right below `source` that a copy needs; empty means all.
        skip: names of directories to leave out of a copy, at any depth.
    """
    source = source.resolve()
    if account is None or account.can_reach(source):
        return source
    files = list(_files(source, only, skip))
    copy = _shelf_path(source) / _fingerprint(source, files)
    _use(copy)
    if not copy.is_dir():
        _make_copy(source, copy, files)
    _remove_unused(copy.parent, current=copy)
    return copy


def remove_copies(source: Path) -> None:
    """Remove every copy of `source` that no running process uses."""
    shelf = _shelf_path(source.resolve())
    if not shelf.is_dir():
        return
    _remove_unused(shelf)
    if any(shelf.glob("*.lock")):
        return
    shutil.rmtree(shelf / "draft", ignore_errors=True)
    (shelf / "making").unlink(missing_ok=True)
    with suppress(OSError):  # somebody has just begun to use it
        shelf.rmdir()


def private_directory(path: Path, mode: int = 0o755) -> Path:
    """Make a directory of our own in a place where anyone may write.

    Raises:
        StackError: somebody else made it first.
    """
    path.mkdir(mode=0o700, exist_ok=True)
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        raise StackError(f"{path} exists, and is not ours: please remove it")
    path.chmod(mode)
    return path


def _shelf_path(source: Path) -> Path:
    digest = hashlib.sha256(os.fsencode(source)).hexdigest()[:8]
    return COPIES / f"{source.name}-{digest}"


def _use(copy: Path) -> None:
    """Lock a copy before it is looked for: nobody may remove it as unused meanwhile."""
    while True:
        private_directory(COPIES)
        try:
            private_directory(copy.parent)
            _in_use.append(lock_file(copy.with_suffix(".lock"), fcntl.LOCK_SH))
        except FileNotFoundError:  # a reset removes the shelf at this moment
            continue
        return


def _files(source: Path, only: frozenset[str], skip: frozenset[str]) -> Iterator[Path]:
    """Yield the wanted files and symbolic links below `source`, in a fixed order."""
    for top in [source / name for name in sorted(only)] or [source]:
        for directory, names, files in os.walk(top):
            here = Path(directory)
            links = [name for name in names if (here / name).is_symlink()]
            names[:] = sorted(set(names) - skip - set(links))
            yield from (here / name for name in sorted(files + links))


def _fingerprint(source: Path, files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        status = file.lstat()
        facts = f"{file.relative_to(source)} {status.st_size} {status.st_mtime_ns}\n"
        digest.update(os.fsencode(facts))
    return digest.hexdigest()[:16]


def _make_copy(source: Path, copy: Path, files: Iterable[Path]) -> None:
    draft = copy.parent / "draft"
    making = lock_file(copy.parent / "making", fcntl.LOCK_EX)
    mask = os.umask(0o022)
    try:
        if not copy.is_dir():  # another process may have been faster
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            _fill(draft, source, files)
            draft.rename(copy)
    finally:
        os.umask(mask)
        os.close(making)


def _fill(draft: Path, source: Path, files: Iterable[Path]) -> None:
    made: set[Path] = set()
    for file in files:
        target = draft / file.relative_to(source)
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        _link_or_copy(file, target)


def _link_or_copy(file: Path, target: Path) -> None:
    status = file.lstat()
    if stat.S_ISLNK(status.st_mode):
        target.symlink_to(file.readlink())
        return
    if status.st_mode & _READABLE == _READABLE:
        try:
            os.link(file, target)
        except OSError:  # another file system
            shutil.copy2(file, target)
        return
    shutil.copy2(file, target)
    executable = (status.st_mode & stat.S_IXUSR) and 0o111
    target.chmod(stat.S_IMODE(status.st_mode) | _READABLE | executable)


def _remove_unused(shelf: Path, current: Path | None = None) -> None:
    for lock in shelf.glob("*.lock"):
        copy = lock.with_suffix("")
        if copy == current:
            continue
        try:
            descriptor = lock_file(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        shutil.rmtree(copy, ignore_errors=True)
        lock.unlink()
        os.close(descriptor)
