"""Play the journey, print each step; the exit code says whether all of it was true."""

import json
import sys

import httpx
import psycopg
from rich.console import Console

from demo.checks import CheckError
from demo.client import Client, UnexpectedAnswerError
from demo.journey import Journey
from demo.sms import wait_for_sms
from demo.system import NotRunningError, find_system


def main() -> None:
    """Run the demo against the system of RUN_DIR."""
    console = Console(highlight=False, soft_wrap=True)
    try:
        _play(console)
    except (
        CheckError,
        NotRunningError,
        UnexpectedAnswerError,
        httpx.HTTPError,
        psycopg.Error,
    ) as error:
        console.print(f"[red]✗[/red] {error}", markup=True)
        sys.exit(1)


def _play(console: Console) -> None:
    system = find_system()
    with Client(system.api_url) as client:
        journey = Journey(client)
        for number, (title, answer) in enumerate(journey.play(), 1):
            console.print(f"[green]✓[/green] [bold]{number:2}. {title}[/bold]")
            _show(console, answer)
        sms = wait_for_sms(system.database_url, journey.mobile, journey.consultation_id)
        console.print("[green]✓[/green] [bold]The SMS that was sent to her[/bold]")
        _show(console, sms)


def _show(console: Console, answer: object) -> None:
    if isinstance(answer, str):
        text = answer
    else:
        text = json.dumps(answer, ensure_ascii=False, indent=2)
    console.print(
        "\n".join(f"      {line}" for line in text.splitlines()), markup=False
    )


if __name__ == "__main__":
    main()
