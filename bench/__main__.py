"""Run every scenario and write docs/performance.md, or only those that ONLY names."""

import os
import sys
import time

from rich.console import Console
from rich.table import Table

from bench import machine, page
from bench.figures import Report
from bench.scenarios import SCENARIOS
from bench.stage import Stage


def main() -> None:
    """Measure; the exit code says whether every promise was kept."""
    only = os.environ.get("ONLY", "").split()
    unknown = set(only) - set(SCENARIOS)
    if unknown:
        sys.exit(f"ONLY is {only}: it may name {', '.join(SCENARIOS)}")
    reports: dict[str, Report] = {}
    console = Console()
    with Stage() as stage:
        for name in only or SCENARIOS:
            began = time.monotonic()
            reports[name] = SCENARIOS[name](stage)
            title = f"{name} ({time.monotonic() - began:.0f} s)"
            console.print(_shown(title, reports[name]))
    if not only:  # a part of it would mix the figures of different days
        page.write(machine.describe(), reports)
    if not all(report.holds for report in reports.values()):
        sys.exit("A promise was not kept.")


def _shown(title: str, report: Report) -> Table:
    shown = Table("figure", "median", "promise", title=title, title_justify="left")
    for figure in report.figures:
        shown.add_row(figure.name, page.amount(figure), page.promised(figure))
    return shown


if __name__ == "__main__":
    main()
