"""Where the running system is: what `$RUN_DIR/vetline.env` says."""

import os
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values


class NotRunningError(Exception):
    """There is no running system; the message says what to do."""


@dataclass(frozen=True)
class System:
    """The addresses of a running system.

    Attributes:
        api_url: of the gateway, without a path.
        database_url: logs in as migrator.
    """

    api_url: str
    database_url: str


def find_system() -> System:
    """Read the file that the launcher keeps while the system runs.

    Raises:
        NotRunningError: it is not there.
    """
    path = Path(os.environ.get("RUN_DIR") or ".run") / "vetline.env"
    values = dotenv_values(path) if path.is_file() else {}
    api_url, database_url = values.get("API_URL"), values.get("DATABASE_URL")
    if not api_url or not database_url:
        raise NotRunningError(f"Nothing is running: {path} is missing. Try `make run`.")
    return System(api_url, database_url)
