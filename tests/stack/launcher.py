"""`python -m stack run` as a test drives it: start, ask, signal, look what is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from dotenv import dotenv_values

from stack.leftovers import holders
from stack.settings import ROOT

if TYPE_CHECKING:
    from mypy_boto3_s3.service_resource import Bucket

_SECONDS = 60.0


def wait_until(condition: Callable[[], bool], seconds: float = _SECONDS) -> None:
    """Ask again and again until the answer is yes.

    Raises:
        AssertionError: it was not, for `seconds`.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "this did not come true in time"
        time.sleep(0.02)


@dataclass
class Launcher:
    """One run directory, and the supervisors started on it.

    Attributes:
        run_dir: of the run.
        port: of its gateway.
        output: what the supervisors print; all of them, one after the other.
    """

    run_dir: Path
    port: int
    output: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, **settings: str) -> subprocess.Popen[bytes]:
        """Start a supervisor and return at once."""
        environment = os.environ | {
            "RUN_DIR": str(self.run_dir),
            "PORT": str(self.port),
            "PYTHONPATH": str(ROOT),
            **settings,
        }
        with self.output.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "stack", "run", "--stop-with-parent"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self.processes.append(process)
        return process

    def start_ready(self, **settings: str) -> subprocess.Popen[bytes]:
        """Start a supervisor and wait until it says that all is ready."""
        before = len(self.said())
        process = self.start(**settings)
        wait_until(
            lambda: (
                "is ready after" in self.said()[before:] or process.poll() is not None
            )
        )
        assert process.poll() is None, self.said()
        return process

    def run(self, **settings: str) -> tuple[int, str]:
        """Run a supervisor that ends by itself; return its status and its words."""
        before = len(self.said())
        status = self.start(**settings).wait(_SECONDS)
        return status, self.said()[before:]

    def stop(
        self, process: subprocess.Popen[bytes], by: signal.Signals = signal.SIGTERM
    ) -> int:
        """Stop a supervisor and return its exit status."""
        process.send_signal(by)
        return process.wait(_SECONDS)

    def reset(self) -> int:
        """Forget the data, or be refused; return the exit status."""
        command = [sys.executable, "-m", "stack", "reset"]
        environment = os.environ | {"RUN_DIR": str(self.run_dir)}
        done = subprocess.run(
            command, check=False, cwd=ROOT, env=environment, capture_output=True
        )
        return done.returncode

    def said(self) -> str:
        """Return what has been printed."""
        return self.output.read_text() if self.output.exists() else ""

    def values(self) -> dict[str, str]:
        """Return what `vetline.env` says."""
        values = dotenv_values(self.run_dir / "vetline.env")
        return {name: text or "" for name, text in values.items()}

    def bucket(self) -> Bucket:
        """Return the bucket for files, as the sidecar reaches it."""
        values = dotenv_values(self.run_dir / "sidecar.env")
        resource = boto3.resource(
            "s3",
            endpoint_url=values["S3_ENDPOINT"],
            region_name="us-east-1",
            aws_access_key_id=values["S3_ACCESS_KEY"],
            aws_secret_access_key=values["S3_SECRET_KEY"],
        )
        return resource.Bucket(values["S3_BUCKET"] or "")

    def parts(self) -> list[int]:
        """Return the ids of all processes of the parts."""
        lock = self.run_dir / "parts.lock"
        supervisors = (self.run_dir / "lock").read_text().split()
        return [pid for pid in holders(lock) if str(pid) not in supervisors]

    def part(self, word: str) -> int:
        """Return the id of the first process whose command line has `word`."""
        return next(pid for pid in sorted(self.parts()) if word in command_line(pid))

    def stop_all(self) -> None:
        """Stop what a failed test has left running."""
        for process in self.processes:
            self.stop(process)


def command_line(pid: int) -> str:
    """Return the command line of a process."""
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


def is_alive(pid: int) -> bool:
    """Tell whether a process runs (a zombie does not)."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
