"""The guide's commands work when they are pasted, one after the other."""

from gateway.site.guide import read_guide
from stack.background import System
from tests.support.playing import play


def test_the_guides_commands_play_the_journey(system: System) -> None:
    steps = read_guide()["steps"]
    outputs = play(system, [step["run"] for step in steps])
    for step, output in zip(steps, outputs, strict=True):
        assert step.get("shows", "") in output, f"{step['en']}\n{output}"
