"""What a developer sees in the terminal: a line for each part, and where things are."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.status import Status
from rich.text import Text

from stack.errors import StackError
from stack.run_directory import shown
from stack.site import Site


class Report:
    """Prints plain lines; on a terminal also what is being waited for."""

    def __init__(self, console: Console | None = None) -> None:
        """Report to `console`; to standard output when None."""
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._status: Status | None = None

    def say(self, text: str) -> None:
        """Print one line."""
        self._console.print(Text(text))

    def waiting_for(self, names: Sequence[str]) -> None:
        """Show what has been started but is not ready (on a terminal)."""
        if names:
            self._show(f"waiting for {', '.join(names)}")

    def ready(self, name: str, seconds: float) -> None:
        """Say that a part works."""
        line = Text(f"  {name:<11} ")
        line.append("ready", style="green").append(f"  {seconds:5.1f} s")
        self._console.print(line)

    def all_ready(self, site: Site, seconds: float) -> None:
        """Say where everything is."""
        self._hide()
        files = site.directory
        url = site.settings.base_url
        self.say(f"Vetline is ready after {seconds:.1f} s. Ctrl-C stops it.")
        self.say(f"  API        {url}/api/v1")
        self.say(f"  PostgREST  {url}/rest/v1")
        for person in ("admin", "doctor", "user"):
            mobile = site.secrets[f"DEMO_{person.upper()}_MOBILE"]
            password = site.secrets[f"DEMO_{person.upper()}_PASSWORD"]
            self.say(f"  {person:<10} {mobile}  {password}")
        self.say(f"  logs       {shown(files.path / 'logs')}/")
        self.say(f"  settings   {shown(files.file('vetline.env'))}")

    def restarting(self, error: StackError) -> None:
        """Say that a part has failed, and is started again."""
        self.say(f"{error}\nIt is started again.")

    def stopping(self, name: str) -> None:
        """Show what is being stopped (on a terminal)."""
        self._show(f"stopping {name}")

    def stopped(self) -> None:
        """Say that nothing runs any more."""
        self._hide()
        self.say("Vetline has stopped.")

    def failed(self, error: StackError) -> None:
        """Say what went wrong."""
        self._hide()
        self._console.print(Text(str(error), style="red"))

    def _show(self, text: str) -> None:
        if not self._console.is_terminal:
            return
        if self._status is None:
            self._status = self._console.status(text)
            self._status.start()
        self._status.update(text)

    def _hide(self) -> None:
        if self._status:
            self._status.stop()
            self._status = None
