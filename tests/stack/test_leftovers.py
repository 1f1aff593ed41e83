"""Parts of a run that was killed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stack import leftovers
from stack.leftovers import holders, lock_out_leftovers

HOLDER = """
import fcntl, signal, sys, time
if sys.argv[2] == "deaf":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_EX)
print("locked", flush=True)
time.sleep(600)
"""


@contextmanager
def holding(lock: Path, manner: str) -> Iterator[subprocess.Popen[str]]:
    """Run a process that holds `lock`."""
    command = [sys.executable, "-c", HOLDER, str(lock), manner]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "locked\n"
        yield process
        process.kill()


@pytest.fixture(autouse=True)
def _impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "_PATIENCE_SECONDS", 0.3)


def test_without_leftovers_nothing_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    os.close(lock_out_leftovers(tmp_path / "lock", said.append))
    assert said == []


def test_holders_are_found_by_the_file_they_have_open(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with holding(lock, "polite") as process:
        assert holders(lock) == [process.pid]


@pytest.mark.parametrize("manner", ["polite", "deaf"])
def test_leftovers_are_stopped_whatever_it_takes(tmp_path: Path, manner: str) -> None:
    lock = tmp_path / "lock"
    said: list[str] = []
    with holding(lock, manner) as process:
        os.close(lock_out_leftovers(lock, said.append))
        assert process.wait() != 0
    assert said == ["The last run was killed; waiting for what is left of it to end."]
