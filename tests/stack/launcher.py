"""`python -m stack run` as a test drives it: start, ask, signal, look what is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dotenv import dotenv_values

from db.objects import ObjectStore
from stack.settings import ROOT
from tests.support.processes import parts
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from mypy_boto3_s3.service_resource import Bucket

_SECONDS = 60.0


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
        store = ObjectStore.from_environment(self.values())
        assert store
        return store.bucket

    def parts(self) -> list[int]:
        """Return the ids of all processes of the parts."""
        return parts(self.run_dir)

    def part(self, word: str) -> int:
        """Return the id of the first process whose command line has `word`."""
        return parts(self.run_dir, word)[0]

    def stop_all(self) -> None:
        """Stop what a failed test has left running."""
        for process in self.processes:
            self.stop(process)
