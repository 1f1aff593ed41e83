"""The style of the code, its types and the new migrations: `make lint` finds nothing.

A test like others, so that one core checks types while the other goes on.
"""

import subprocess
import sys

import pytest

from db.tools.paths import ROOT


@pytest.mark.timeout(600)
def test_the_linters_find_nothing() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "db.tools.lint"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
