"""Everything that the parts of one run share: places, addresses, keys."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from db.cluster import Cluster
from stack.account import Account
from stack.programs import Programs
from stack.run_directory import RunDirectory
from stack.secret_file import write_private
from stack.settings import Settings

DATABASE = "vetline"
# What a part sees of the developer's own environment: not PGHOST, not a stray secret.
_INHERITED = ("PATH", "LANG", "LC_ALL", "SSL_CERT_FILE", "SSL_CERT_DIR")


@dataclass(frozen=True)
class Site:
    """One run of the system.

    Attributes:
        settings: how the run was asked to be.
        directory: where files are kept.
        sockets: a short-lived directory for unix sockets, closed to other accounts.
        account: runs the parts; None means ourselves.
        programs: what the parts run.
        ports: name to TCP port.
        secrets: name to key or password.
        cluster: the PostgreSQL server.
    """

    settings: Settings
    directory: RunDirectory
    sockets: Path
    account: Account | None
    programs: Programs
    ports: Mapping[str, int]
    secrets: Mapping[str, str] = field(repr=False)
    cluster: Cluster

    def replicas(self, name: str) -> dict[str, str]:
        """Return where each replica of a part listens, by the replica's name."""
        later = range(2, self.settings.replicas + 1)
        names = [name, *(f"{name}-{number}" for number in later)]
        return {each: f"unix:{self.sockets}/{each}.sock" for each in names}

    @property
    def gateway_address(self) -> str:
        """Where nginx listens."""
        return f"127.0.0.1:{self.settings.port}"

    @property
    def s3_url(self) -> str:
        """Where the S3 server listens; clients upload there directly."""
        return f"http://127.0.0.1:{self.ports['s3']}"

    @property
    def fake_zarinpal_url(self) -> str:
        """Where the fake Zarinpal listens, when there is one; browsers go there."""
        return f"http://127.0.0.1:{self.ports['zarinpal']}"

    def database_url(self, role: str, *, over_socket: bool = True) -> str:
        """Return the URL with which one of the login roles reaches the database."""
        password = self.secrets[f"{role.upper()}_PASSWORD"]
        return self.cluster.url(role, password, DATABASE, over_socket=over_socket)

    @property
    def demo(self) -> dict[str, str]:
        """Return the mobiles and passwords of the demo people."""
        return {
            name: text
            for name, text in self.secrets.items()
            if name.startswith("DEMO_")
        }

    def hand_over(self, path: Path, text: str) -> None:
        """Replace `path` by a file with `text` that only the parts can read."""
        write_private(path, text)
        if self.account:
            self.account.own(path)

    def environment(self, **extra: str) -> dict[str, str]:
        """Return a part's environment: little of ours, and `extra`."""
        inherited = {
            name: os.environ[name] for name in _INHERITED if name in os.environ
        }
        return {**inherited, "HOME": str(self.sockets), **extra}

    def python_environment(self, **extra: str) -> dict[str, str]:
        """Return the environment of a part that is a Python module of ours."""
        return self.environment(
            PYTHONUNBUFFERED="1",
            **self.programs.python_environment,
            **{**self.settings.system, **extra},
        )
