"""The guide's commands work when they are pasted, one after the other."""

import subprocess

from gateway.site.guide import read_guide
from stack.background import System

_MARK = "=====next====="


def test_the_guides_commands_play_the_journey(system: System) -> None:
    steps = read_guide()["steps"]
    script = "".join(f"{step['run']}\necho {_MARK}\n" for step in steps)
    played = subprocess.run(
        ["bash", "-c", script.replace("http://127.0.0.1:8080", system.api_url)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
        timeout=60,
    )
    outputs = played.stdout.split(_MARK)
    for step, output in zip(steps, outputs, strict=False):
        assert step.get("shows", "") in output, f"{step['en']}\n{output}"
    assert len(outputs) == len(steps) + 1
