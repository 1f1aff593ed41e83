"""Commands that documents show, played as a reader pastes them: one after the other."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from db.tools.paths import ROOT
from stack.background import System

_MARK = "=====next====="
_URL, _RUN_DIR = "http://127.0.0.1:8080", ".run/"


def play(system: System, commands: Sequence[str], cwd: Path = ROOT) -> list[str]:
    """Run commands in one shell, against a running system.

    Args:
        system: that they reach where they say http://127.0.0.1:8080 and .run/.
        commands: lines of shell; what one sets, the next ones know.
        cwd: where they leave files.

    Returns:
        What each of them wrote, to wherever.
    """
    script = "".join(f"{command}\necho {_MARK}\n" for command in commands)
    script = script.replace(_URL, system.api_url)
    played = subprocess.run(
        ["bash", "-c", script.replace(_RUN_DIR, f"{system.run_dir}/")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
        timeout=60,
        cwd=cwd,
    )
    *outputs, rest = played.stdout.split(_MARK)
    assert len(outputs) == len(commands), rest
    return outputs


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a target of the Makefile, with nothing installed for it.

    Args:
        arguments: the target, and its variables.
        environment: variables of the environment besides.
    """
    return subprocess.run(
        ["make", "--silent", "--old-file=install", *arguments],
        env=os.environ | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
