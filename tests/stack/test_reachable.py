"""Copies for an account that can't reach the originals."""

import os
from pathlib import Path

import pytest

from stack import reachable as module
from stack.account import Account
from stack.errors import StackError
from stack.lock import lock_file
from stack.reachable import private_directory, reachable, remove_copies

STRANGER = Account("stranger", uid=54321, gid=54321)


@pytest.fixture(autouse=True)
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the copies of a test to itself."""
    monkeypatch.setattr(module, "COPIES", tmp_path / "copies")
    monkeypatch.setattr(module, "_in_use", [])
    return tmp_path / "copies"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small installation below a directory that is closed to others."""
    tree = tmp_path / "home" / "python"
    (tree / "bin").mkdir(parents=True)
    (tree / "lib" / "test").mkdir(parents=True)
    (tree / "bin" / "python3.11").write_text("#!/bin/sh\n")
    (tree / "bin" / "python3.11").chmod(0o755)
    (tree / "bin" / "python").symlink_to("python3.11")
    (tree / "lib" / "os.py").write_text("name = 'posix'\n")
    (tree / "lib" / "private.py").write_text("")
    (tree / "lib" / "private.py").chmod(0o600)
    (tree / "lib" / "test" / "big.py").write_text("")
    (tree.parent).chmod(0o700)
    return tree


def release() -> None:
    """Let go of the copies that this process uses, as its end would."""
    while module._in_use:
        os.close(module._in_use.pop())


def test_we_ourselves_need_no_copy(tree: Path) -> None:
    assert reachable(tree, None) == tree


def test_a_copy_has_the_same_files_and_anybody_can_read_it(tree: Path) -> None:
    copy = reachable(tree, STRANGER, skip=frozenset({"test"}))
    assert (copy / "lib" / "os.py").samefile(tree / "lib" / "os.py")
    assert (copy / "bin" / "python").readlink() == Path("python3.11")
    assert os.access(copy / "bin" / "python", os.X_OK)
    assert not (copy / "lib" / "test").exists()
    for file in copy.rglob("*"):
        assert file.is_symlink() or file.stat().st_mode & 0o004
    assert (tree / "lib" / "private.py").stat().st_mode & 0o777 == 0o600


def test_only_what_is_wanted_is_copied(tree: Path) -> None:
    copy = reachable(tree, STRANGER, only=frozenset({"bin"}))
    assert [entry.name for entry in copy.iterdir()] == ["bin"]


def test_it_is_copied_once_and_again_when_a_file_changes(tree: Path) -> None:
    first = reachable(tree, STRANGER)
    assert reachable(tree, STRANGER) == first
    (tree / "lib" / "os.py").unlink()
    (tree / "lib" / "os.py").write_text("name = 'other'\n")
    second = reachable(tree, STRANGER)
    assert second != first
    assert (second / "lib" / "os.py").read_text() == "name = 'other'\n"


def test_an_outdated_copy_goes_when_nobody_uses_it(tree: Path) -> None:
    first = reachable(tree, STRANGER)
    (tree / "lib" / "new.py").write_text("")
    second = reachable(tree, STRANGER)
    assert first.is_dir(), "it is in use"
    release()
    assert reachable(tree, STRANGER) == second
    assert not first.exists()


def test_reset_removes_copies_but_not_those_in_use(tree: Path, copies: Path) -> None:
    copy = reachable(tree, STRANGER)
    remove_copies(tree)
    assert copy.is_dir()
    release()
    remove_copies(tree)
    assert list(copies.iterdir()) == []


def test_a_reset_at_the_same_moment_takes_no_copy_from_a_start(
    tree: Path, copies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes after the place was made and before it is used."""
    resets = 0

    def lock_after_reset(path: Path, kind: int) -> int:
        nonlocal resets
        if resets == 0 and path.suffix == ".lock":
            resets += 1
            remove_copies(tree)
            assert list(copies.iterdir()) == []
        return lock_file(path, kind)

    monkeypatch.setattr(module, "lock_file", lock_after_reset)
    assert (reachable(tree, STRANGER) / "bin" / "python3.11").is_file()
    assert resets == 1


def test_a_directory_that_somebody_else_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(StackError, match="is not ours"):
        private_directory(tmp_path / "link")
