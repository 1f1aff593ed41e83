"""`make run` killed with -9 while it starts: the next start goes on from there."""

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import psycopg
import pytest

from db.tools.paths import MIGRATIONS_DIR
from tests.stack.launcher import Launcher
from tests.support.waiting import wait_until

# From the first file to the last part; what is left of one start is found by the next.
_FILES = ("secrets.json", "postgres.new", "logs/migrate.log")
_LAST_PART = "nginx"
_STATE = """
    select (select count(*) from app.users), (select count(*) from app.invariants()),
        (select count(*) from yoyo._yoyo_migration)
"""


def is_there(file: Path, _: str) -> bool:
    """Tell whether a file has come to be."""
    return file.exists()


def is_ready(part: str, said: str) -> bool:
    """Tell whether a part has been said to be ready."""
    return f" {part} " in said


def is_past(end: float, _: str) -> bool:
    """Tell whether a moment has come."""
    return time.monotonic() > end


def kill_everything(launcher: Launcher, pid: int) -> None:
    """Kill a supervisor and its parts, as a power cut would."""
    for each in (pid, *launcher.parts()):
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def kill_start(launcher: Launcher, is_time: Callable[[str], bool]) -> None:
    """Start, and kill it when `is_time` says so of what has been printed."""
    before = len(launcher.said())
    process = launcher.start()
    wait_until(lambda: is_time(launcher.said()[before:]) or process.poll() is not None)
    assert process.poll() is None, launcher.said()
    kill_everything(launcher, process.pid)
    process.wait()


def assert_starts_whole(launcher: Launcher) -> None:
    """Assert that the next start succeeds, with everything there once."""
    process = launcher.start_ready()
    with psycopg.connect(launcher.values()["DATABASE_URL"]) as connection:
        row = connection.execute(_STATE).fetchone()
    migrations = len(list(MIGRATIONS_DIR.glob("*.sql")))
    assert row == (5, 0, migrations)
    assert launcher.stop(process) == 0


def test_a_start_killed_at_any_stage_is_gone_on_with(launcher: Launcher) -> None:
    for name in _FILES:
        kill_start(launcher, partial(is_there, launcher.run_dir / name))
    kill_start(launcher, partial(is_ready, _LAST_PART))
    assert_starts_whole(launcher)


@pytest.mark.faults
def test_a_start_killed_at_any_time_is_gone_on_with(launcher: Launcher) -> None:
    chooser = random.Random(1)
    for _ in range(3):
        assert launcher.reset() == 0
        for _ in range(6):
            end = time.monotonic() + chooser.uniform(0, 5)
            kill_start(launcher, partial(is_past, end))
        assert_starts_whole(launcher)
