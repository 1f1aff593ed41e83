"""`make psql`: pgcli on DATABASE_URL's database, as app_owner."""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

from db.secret_url import without_password


def become_pgcli(
    url: str, arguments: Sequence[str], settings: Mapping[str, str] | None = None
) -> NoReturn:
    """Go on as pgcli.

    Args:
        url: of the database.
        arguments: what else pgcli takes.
        settings: variables of its environment, besides ours.
    """
    where, secret = without_password(url)
    command = [sys.executable, "-m", "pgcli", where, *arguments]
    environment = {**os.environ, **(settings or {}), **secret}
    os.execve(sys.executable, command, environment)  # noqa: S606  # no shell


if __name__ == "__main__":
    become_pgcli(os.environ["DATABASE_URL"], sys.argv[1:])
