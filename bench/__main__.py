"""Run the scenarios, or the one that ONLY names, and print their figures."""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import journeys, sms
from bench.figures import Figure
from stack.background import System, running_system

_SCENARIOS: dict[str, Callable[[System], Coroutine[Any, Any, list[Figure]]]] = {
    "journey": journeys.measure,
    "sms": sms.measure,
}


def main() -> None:
    """Measure; the exit code says whether every promise was kept."""
    only = os.environ.get("ONLY")
    if only and only not in _SCENARIOS:
        sys.exit(f"ONLY is {only!r}: it must be one of {', '.join(_SCENARIOS)}")
    chosen = [only] if only else list(_SCENARIOS)
    figures: list[Figure] = []
    with running_system() as system:
        for name in chosen:
            figures += asyncio.run(_SCENARIOS[name](system))
    _show(figures)
    if not all(figure.holds for figure in figures):
        sys.exit("A promise was not kept.")


def _show(figures: list[Figure]) -> None:
    table = Table("scenario", "figure", "value", "promise")
    for figure in figures:
        promise = f"{figure.promise} {'✓' if figure.holds else '✗'}"
        table.add_row(
            figure.scenario,
            figure.name,
            figure.value,
            promise if figure.promise else "",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
