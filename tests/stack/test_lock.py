"""Lock files."""

import fcntl
import os
from pathlib import Path

import pytest

from stack.lock import lock_file

EXCLUSIVE = fcntl.LOCK_EX | fcntl.LOCK_NB


def test_a_second_holder_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first = lock_file(path, EXCLUSIVE)
    with pytest.raises(BlockingIOError):
        lock_file(path, EXCLUSIVE)
    os.close(first)
    os.close(lock_file(path, EXCLUSIVE))


def test_a_removed_file_guards_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lock"
    flock = fcntl.flock

    def remove_just_before(descriptor: int, kind: int) -> None:
        """Do what a holder does that ends between our open and our lock."""
        monkeypatch.undo()
        path.unlink()
        flock(descriptor, kind)

    monkeypatch.setattr(fcntl, "flock", remove_just_before)
    descriptor = lock_file(path, EXCLUSIVE)
    assert os.path.samestat(os.fstat(descriptor), path.stat())
    os.close(descriptor)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic link"):
        lock_file(tmp_path / "lock", EXCLUSIVE)
