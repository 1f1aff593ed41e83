"""The command line: `python -m stack run` and `python -m stack reset`."""

from __future__ import annotations

import argparse
import os
import sys

from stack.errors import StackError
from stack.process import die_with_parent
from stack.programs import remove_program_copies
from stack.report import Report
from stack.run import run
from stack.run_directory import claim, reset, shown
from stack.settings import Settings, read_settings
from stack.signals import Signals


def main() -> int:
    """Do what the command line says; return the exit status."""
    options = _parse()
    if options.stop_with_parent:
        die_with_parent()
    report = Report()
    try:
        settings = read_settings()
        if options.command == "run":
            with Signals() as signals:
                return run(settings, signals, report)
        _reset(settings, report)
    except StackError as error:
        report.failed(error)
        return 1
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m stack", description=__doc__)
    parser.add_argument(
        "command", choices=["run", "reset"], help="run it, or forget all its data"
    )
    parser.add_argument(
        "--stop-with-parent",
        action="store_true",
        help="stop as if by SIGTERM when the process that started this one ends",
    )
    return parser.parse_args()


def _reset(settings: Settings, report: Report) -> None:
    if settings.run_dir.exists():
        lock = claim(settings.run_dir)
        reset(settings.run_dir)
        os.close(lock)
    remove_program_copies()
    report.say(f"Nothing is left in {shown(settings.run_dir)}.")


if __name__ == "__main__":
    sys.exit(main())
