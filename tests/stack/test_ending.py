"""How a run ends, whoever ends it, and what the next one finds.

All of it below a closed home: root's parts, who can't get there, keep their data
elsewhere.
"""

import json
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from stack.ports import free_port
from tests.stack.launcher import Launcher
from tests.support.processes import is_alive
from tests.support.waiting import wait_until

LEFT_BEHIND = ("lock", "parts.lock", "sockets", "vetline.env", "sidecar.env")


@pytest.fixture(scope="module")
def launcher(short_path: Path) -> Iterator[Launcher]:
    """A run directory in a home that nobody else can enter."""
    home = short_path / "home"
    home.mkdir(mode=0o700)
    launcher = Launcher(home / "run", free_port(), short_path / "output")
    yield launcher
    launcher.stop_all()
    assert launcher.reset() == 0


def assert_nothing_runs(launcher: Launcher, parts: list[int]) -> None:
    """Assert that a run which ended in order has left no trace but its data."""
    assert [pid for pid in parts if is_alive(pid)] == []
    assert [n for n in LEFT_BEHIND if os.path.lexists(launcher.run_dir / n)] == []


def test_a_killed_run_is_recovered_from_and_a_stopped_one_leaves_nothing(
    launcher: Launcher,
) -> None:
    first = launcher.start_ready()
    values, parts = launcher.values(), launcher.parts()
    sockets = (launcher.run_dir / "sockets").readlink()
    with psycopg.connect(values["DATABASE_URL"]) as connection:
        connection.execute("update app.system_config set price_toman = 123000")
    launcher.bucket().put_object(Key="voice", Body=b"meow")
    os.kill(first.pid, signal.SIGKILL)
    first.wait()

    second = launcher.start_ready()
    assert [pid for pid in parts if is_alive(pid)] == []
    assert not sockets.exists()
    assert launcher.values() == values, "addresses and passwords stay as they were"
    with psycopg.connect(values["DATABASE_URL"]) as connection:
        row = connection.execute("select price_toman from app.system_config").fetchone()
    assert row == (123000,)
    assert launcher.bucket().Object("voice").get()["Body"].read() == b"meow"

    parts = launcher.parts()
    sockets = (launcher.run_dir / "sockets").readlink()
    assert launcher.stop(second) == 0
    assert_nothing_runs(launcher, parts)
    assert not sockets.exists()
    for port in json.loads((launcher.run_dir / "ports.json").read_text()).values():
        assert list(Path(tempfile.gettempdir()).glob(f"seaweedfs-*-{port}.sock")) == []


def test_a_part_that_dies_is_named_with_its_log_and_takes_all_down(
    launcher: Launcher,
) -> None:
    process = launcher.start_ready()
    parts = launcher.parts()
    os.kill(launcher.part("api_extensions"), signal.SIGKILL)
    assert process.wait(30) == 1
    assert "sidecar ended by signal SIGKILL; its log is" in launcher.said()
    log = (launcher.run_dir / "logs" / "sidecar.log").resolve()
    assert str(log) in launcher.said()
    assert_nothing_runs(launcher, parts)


def test_ctrl_c_while_it_starts_is_heeded(launcher: Launcher) -> None:
    process = launcher.start()
    lock = launcher.run_dir / "parts.lock"
    wait_until(lambda: lock.exists() and bool(launcher.parts()))
    parts = launcher.parts()
    assert launcher.stop(process, signal.SIGINT) == 0
    assert_nothing_runs(launcher, parts)
