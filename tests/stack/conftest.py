"""Run directories of a test's own, and nothing of them left at the end."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.ports import free_port
from tests.stack.launcher import Launcher


@pytest.fixture(scope="module")
def short_path() -> Iterator[Path]:
    """A directory that other accounts can reach, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="vetline-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def launcher(short_path: Path) -> Iterator[Launcher]:
    """A run directory and a port for the tests of one module."""
    launcher = Launcher(short_path / "run", free_port(), short_path / "output")
    yield launcher
    launcher.stop_all()
