"""What a run has measured, and how it gets into docs/reliability.md."""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.load import Load
from tests.fuzz.functions import TRIED

_BEGIN, _END = "<!-- make test-faults writes this -->", "<!-- until here -->"


@dataclass(frozen=True)
class Injury:
    """One fault, and what it cost.

    Attributes:
        name: of the fault.
        requests: sent from the blow until three journeys had come to their end again.
        failed: how many of them were refused or broke off.
        seconds: that this took.
    """

    name: str
    requests: int
    failed: int
    seconds: float


@dataclass
class Figures:
    """All figures of a run: faults, and lines of text by their heading."""

    injuries: list[Injury] = field(default_factory=list)
    lines: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def injuring(self, name: str, load: Load) -> Iterator[None]:
        """Measure what happens to the load while the body injures and waits."""
        tally, began = load.tally, time.monotonic()
        requests, failed = tally.requests, tally.refused + tally.broken
        yield
        self.injuries.append(
            Injury(
                name,
                tally.requests - requests,
                tally.refused + tally.broken - failed,
                time.monotonic() - began,
            )
        )

    def note_load(self, load: Load, lost: int) -> None:
        """Note what the whole load has come to."""
        tally = load.tally
        self.lines |= {
            "faults injected": f"{len(self.injuries)}",
            "requests while something was broken, or just mended": f"{self._sum()}",
            "requests in all": f"{tally.requests}",
            "of these refused for now, or broken off": (
                f"{tally.refused + tally.broken}"
            ),
            "slowest answer": f"{tally.slowest:.1f} s",
            "writes acknowledged": f"{len(load.ledger)}",
            "acknowledged writes lost": f"{lost}",
        }

    def note_fuzzing(self) -> None:
        """Note what `tests/fuzz` has tried, when it ran before in this process."""
        if tried := sum(TRIED.values()):
            self.lines["arguments tried on functions"] = (
                f"{tried} lists, on {len(TRIED)} functions"
            )

    def write(self, page: Path) -> None:
        """Put the figures into their place in a page of Markdown."""
        table = [
            "| figure | value |",
            "|---|---|",
            *(f"| {name} | {text} |" for name, text in self.lines.items()),
            "",
            "| fault | requests | failed | seconds until journeys ended again |",
            "|---|---|---|---|",
            *(
                f"| {i.name} | {i.requests} | {i.failed} | {i.seconds:.1f} |"
                for i in self.injuries
            ),
        ]
        page.write_text(_replaced(page.read_text("utf-8"), table), "utf-8")

    def _sum(self) -> int:
        return sum(injury.requests for injury in self.injuries)


def _replaced(text: str, lines: Sequence[str]) -> str:
    block = "\n".join(("", "", *lines, "", ""))
    pattern = f"(?<={re.escape(_BEGIN)}).*(?={re.escape(_END)})"
    return re.sub(pattern, lambda _: block, text, flags=re.DOTALL)
