"""The supervisor alone, with parts that are one line of Python each."""

import io
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from stack.part import Part
from stack.programs import find_programs
from stack.report import Report
from stack.running_part import PartError, RunningPart
from stack.signals import Signals
from stack.supervisor import Supervisor
from tests.support.processes import is_alive

PROGRAMS = find_programs(None)
FOREVER = "import time; time.sleep(600)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {FOREVER}"


@pytest.fixture
def console() -> Console:
    """Collects what the supervisor reports."""
    return Console(file=io.StringIO(), width=200)


@pytest.fixture
def signals() -> Iterator[Signals]:
    """Signal handling for one test; the handlers of before return afterwards."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
    before = {number: signal.getsignal(number) for number in numbers}
    with Signals() as waiting:
        yield waiting
    for number, handler in before.items():
        signal.signal(number, handler)


def python(name: str, code: str, *needs: str, is_step: bool = False) -> Part:
    """Describe a part that runs `code` and counts as ready at once."""
    return Part(
        name=name,
        command=[sys.executable, "-c", code],
        environment=dict(os.environ),
        is_ready=None if is_step else lambda: True,
        needs=needs,
        patience=0.2,
    )


@contextmanager
def supervising(
    parts: list[Part],
    logs: Path,
    signals: Signals,
    console: Console,
    *,
    restarts: bool = False,
) -> Iterator[tuple[Supervisor, dict[str, RunningPart]]]:
    """Supervise `parts`; also gives what has been launched, by name, in order."""
    launched: dict[str, RunningPart] = {}
    lock = os.open(logs / "lock", os.O_CREAT | os.O_RDWR)

    def launch(part: Part) -> RunningPart:
        log = logs / f"{part.name}.log"
        launched[part.name] = RunningPart.launch(part, log, PROGRAMS, None, lock)
        return launched[part.name]

    supervisor = Supervisor(parts, launch, signals, Report(console), restarts=restarts)
    try:
        yield supervisor, launched
    finally:
        supervisor.stop()
        os.close(lock)


def test_a_part_waits_for_what_it_needs(
    tmp_path: Path, signals: Signals, console: Console
) -> None:
    done = tmp_path / "done"
    step = python("step", f"open({str(done)!r}, 'w')", "server", is_step=True)
    last = python("last", f"open({str(done)!r}); {FOREVER}", "step")
    parts = [last, step, python("server", FOREVER)]
    with supervising(parts, tmp_path, signals, console) as (supervisor, launched):
        assert supervisor.start()
        assert list(launched) == ["server", "step", "last"]
        assert launched["last"].process.poll() is None


def test_parts_are_stopped_in_reverse_order_even_the_deaf(
    tmp_path: Path, signals: Signals, console: Console
) -> None:
    said = tmp_path / "said"
    tell = (
        "import pathlib, signal, sys, time\n"
        "def stop(*_):\n"
        f"    with open({str(said)!r}, 'a') as file: file.write(sys.argv[1])\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, stop)\n"
        "print('listening', flush=True)\n"
        "time.sleep(600)"
    )

    def listener(name: str, *needs: str) -> Part:
        log = tmp_path / f"{name}.log"
        return Part(
            name=name,
            command=[sys.executable, "-c", tell, name],
            is_ready=lambda: "listening" in log.read_text(),
            needs=needs,
        )

    parts = [listener("a"), python("deaf", DEAF, "a"), listener("b", "deaf")]
    with supervising(parts, tmp_path, signals, console) as (supervisor, launched):
        assert supervisor.start()
        pids = [run.process.pid for run in launched.values()]
    assert said.read_text() == "ba"
    assert not any(is_alive(pid) for pid in pids)


def test_a_step_that_fails_is_named_with_the_end_of_its_log(
    tmp_path: Path, signals: Signals, console: Console
) -> None:
    parts = [python("step", "raise SystemExit('no such table')", is_step=True)]
    with (
        supervising(parts, tmp_path, signals, console) as (supervisor, _),
        pytest.raises(PartError) as failure,
    ):
        supervisor.start()
    assert str(failure.value) == (
        f"step ended with exit status 1; its log is {tmp_path}/step.log"
        "\n  | no such table"
    )


def test_a_part_that_ends_before_it_is_ready_is_a_failure(
    tmp_path: Path, signals: Signals, console: Console
) -> None:
    parts = [
        Part("server", [sys.executable, "-c", "pass"], is_ready=lambda: False),
    ]
    with (
        supervising(parts, tmp_path, signals, console) as (supervisor, _),
        pytest.raises(PartError, match="server ended with exit status 0"),
    ):
        supervisor.start()


def test_a_part_that_is_killed_is_started_again_when_that_is_wanted(
    tmp_path: Path, signals: Signals, console: Console
) -> None:
    """It has come back when it is ready once more; then the test tells it to stop."""
    pids: list[int] = []
    lives = tmp_path / "lives"
    code = f"open({str(lives)!r}, 'a').write('I'); {FOREVER}"

    def is_ready() -> bool:
        lived = len(lives.read_text()) if lives.exists() else 0
        if lived == 1 and not pids:
            pids.append(launched["server"].process.pid)
        elif lived == 2:
            os.kill(os.getpid(), signal.SIGTERM)
        return lived > 0

    server = replace(python("server", code), is_ready=is_ready)
    with supervising([server], tmp_path, signals, console, restarts=True) as (
        supervisor,
        launched,
    ):
        assert supervisor.start()
        os.kill(pids[0], signal.SIGKILL)
        supervisor.watch()
        assert launched["server"].process.pid != pids[0]
    assert not is_alive(launched["server"].process.pid)


def test_what_could_not_be_started_again_is_tried_once_more(
    tmp_path: Path, signals: Signals, console: Console
) -> None:
    """The third launch works; then the test tells it to stop."""
    launches: list[int] = []

    def before() -> None:
        launches.append(len(launches))
        if len(launches) == 2:
            raise OSError("its disk is gone")

    def is_ready() -> bool:
        if len(launches) == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        return True

    server = replace(python("server", FOREVER), before=before, is_ready=is_ready)
    with supervising([server], tmp_path, signals, console, restarts=True) as (
        supervisor,
        launched,
    ):
        assert supervisor.start()
        os.kill(launched["server"].process.pid, signal.SIGKILL)
        supervisor.watch()
    assert len(launches) == 3


def test_a_program_that_is_missing_is_a_sentence(
    tmp_path: Path, signals: Signals, console: Console
) -> None:
    parts = [Part("server", ["/no/such/program"], is_ready=lambda: True)]
    with (
        supervising(parts, tmp_path, signals, console) as (supervisor, _),
        pytest.raises(PartError, match=r"server can't be started: .*No such file"),
    ):
        supervisor.start()


def test_a_signal_while_waiting_ends_the_start(
    tmp_path: Path, signals: Signals, console: Console
) -> None:
    def interrupt() -> bool:
        os.kill(os.getpid(), signal.SIGTERM)
        return False

    parts = [Part("server", [sys.executable, "-c", FOREVER], is_ready=interrupt)]
    with supervising(parts, tmp_path, signals, console) as (supervisor, _):
        assert not supervisor.start()
    assert signals.stop is signal.SIGTERM


def test_the_log_of_the_run_before_is_kept(
    tmp_path: Path, signals: Signals, console: Console
) -> None:
    for word in ("first", "second"):
        parts = [python("step", f"print({word!r})", is_step=True)]
        with supervising(parts, tmp_path, signals, console) as (supervisor, _):
            assert supervisor.start()
    for name, word in {"step.log": "second", "step.log.1": "first"}.items():
        (line,) = (tmp_path / name).read_text().splitlines()
        assert json.loads(line)["message"] == word
