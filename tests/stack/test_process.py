"""Children that die with us."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from stack.process import start_process, stop_process
from tests.support.processes import is_alive
from tests.support.waiting import wait_until

PARENT = """
import sys, time
from pathlib import Path
from stack.process import start_process
with open(sys.argv[1] + "/log", "wb") as log:
    child = start_process(["sleep", "600"], log=log)
Path(sys.argv[1], "pid").write_text(str(child.pid))
time.sleep(600)
"""


def test_a_child_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)])
    pid_file = tmp_path / "pid"
    wait_until(lambda: pid_file.exists() and bool(pid_file.read_text()))
    child = int(pid_file.read_text())
    assert is_alive(child)
    parent.kill()
    parent.wait()
    wait_until(lambda: not is_alive(child))


def test_a_child_has_a_session_of_its_own_and_no_stray_descriptors(
    tmp_path: Path,
) -> None:
    log_path = tmp_path / "log"
    with (tmp_path / "open").open("w"), log_path.open("wb") as log:
        process = start_process(["sh", "-c", "ls /proc/self/fd; read line"], log=log)
    assert os.getsid(process.pid) == process.pid
    assert process.wait() != 0
    # 3 is the directory that ls itself reads.
    assert log_path.read_text().split() == ["0", "1", "2", "3"]


def test_one_that_does_not_listen_is_killed_with_its_children(tmp_path: Path) -> None:
    script = "trap '' TERM; sleep 600 & echo $!; wait"
    log_path = tmp_path / "log"
    with log_path.open("wb") as log:
        process = start_process(["sh", "-c", script], log=log)
    wait_until(lambda: bool(log_path.read_text()))
    grandchild = int(log_path.read_text())
    assert not stop_process(process, signal.SIGTERM, patience=0.1)
    wait_until(lambda: not is_alive(grandchild))
