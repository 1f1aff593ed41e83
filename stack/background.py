"""The whole system in the background: `make run` for tests and benchmarks."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

from stack.ports import free_port

_ROOT = Path(__file__).resolve().parent.parent
_START_SECONDS = 60


@dataclass(frozen=True)
class System:
    """A running system.

    Attributes:
        api_url: of the gateway, without a path.
        database_url: logs in as migrator, who is app_owner.
        values: everything that `vetline.env` says.
        run_dir: holds what the launcher writes.
    """

    api_url: str
    database_url: str
    values: dict[str, str | None]
    run_dir: Path


@contextmanager
def running_system(**settings: str) -> Iterator[System]:
    """Run the system on a port and a run directory of its own until the body ends.

    Args:
        settings: environment variables, as in `.env.example`.
    """
    run_dir = Path(tempfile.mkdtemp(prefix="vetline-"))
    run_dir.chmod(0o755)
    environment = {
        **os.environ,
        "RUN_DIR": str(run_dir),
        "PORT": str(free_port()),
        "PYTHONPATH": os.pathsep.join((str(_ROOT), str(_ROOT / "api-extensions"))),
        **settings,
    }
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "stack", "run", "--stop-with-parent"],
        env=environment,
        cwd=_ROOT,
    )
    try:
        yield _wait_for(run_dir, supervisor)
    finally:
        supervisor.send_signal(signal.SIGTERM)
        supervisor.wait(_START_SECONDS)
        shutil.rmtree(run_dir, ignore_errors=True)


def _wait_for(run_dir: Path, supervisor: subprocess.Popen[bytes]) -> System:
    """Return the system once it is ready: then the launcher writes the file."""
    deadline = time.monotonic() + _START_SECONDS
    path = run_dir / "vetline.env"
    while time.monotonic() < deadline and supervisor.poll() is None:
        values = dotenv_values(path) if path.is_file() else {}
        api_url, database_url = values.get("API_URL"), values.get("DATABASE_URL")
        if api_url and database_url:
            return System(api_url, database_url, values, run_dir)
        time.sleep(0.05)
    logs = (p.read_text("utf-8", "replace") for p in run_dir.glob("logs/*.log"))
    raise AssertionError("The system did not start:\n" + "\n".join(logs))
