"""`python -m stack run`: the whole system, from an empty directory to Ctrl-C."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from db.cluster import Cluster, installed_bindir
from stack.account import Account, unprivileged_account
from stack.environment_files import remove_environment_files, write_environment_files
from stack.errors import StackError
from stack.leftovers import lock_out_leftovers
from stack.part import Part
from stack.parts import all_parts, s3
from stack.ports import is_free, keep_ports
from stack.programs import find_programs
from stack.report import Report
from stack.run_directory import RunDirectory, claim, locate, shown
from stack.running_part import PartError, RunningPart
from stack.secret_file import load_secrets
from stack.settings import Settings
from stack.signals import Signals
from stack.site import Site
from stack.supervisor import Supervisor


def run(settings: Settings, signals: Signals, report: Report) -> int:
    """Run the system until a signal says to stop.

    Returns:
        The exit status: 0 when it was told to stop, 1 when a part failed.

    Raises:
        StackError: nothing was started, for a reason that the message gives.
    """
    begin = time.monotonic()
    with ExitStack() as cleanup:
        keep = _claim(settings.run_dir, cleanup, report)
        site = _prepare_site(settings, cleanup)
        _tell_about_distance(site, report)

        def launch(part: Part) -> RunningPart:
            log = site.directory.log(part.name)
            return RunningPart.launch(part, log, site.programs, site.account, keep)

        supervisor = Supervisor(
            all_parts(site), launch, signals, report, restarts=settings.restarts
        )
        try:
            if supervisor.start():
                write_environment_files(site)
                report.all_ready(site, time.monotonic() - begin)
                supervisor.watch()
        except PartError as error:
            report.failed(error)
            return 1
        finally:
            supervisor.stop()
            report.stopped()
    return 0


def _claim(run_dir: Path, cleanup: ExitStack, report: Report) -> int:
    """Have the run directory to ourselves; return the lock for the parts to hold."""
    _hold_lock_file(cleanup, run_dir / "lock", claim(run_dir))
    # A killed run has not removed its own.
    remove_environment_files(run_dir)
    cleanup.callback(remove_environment_files, run_dir)
    keep = lock_out_leftovers(run_dir / "parts.lock", report.say)
    _hold_lock_file(cleanup, run_dir / "parts.lock", keep)
    return keep


def _hold_lock_file(cleanup: ExitStack, path: Path, descriptor: int) -> None:
    """Release a lock at the end, and leave no file that looks like one."""
    cleanup.callback(os.close, descriptor)
    cleanup.callback(path.unlink, missing_ok=True)


def _prepare_site(settings: Settings, cleanup: ExitStack) -> Site:
    if not is_free(settings.port):
        raise StackError(
            f"Port {settings.port} is taken by another program: choose one with PORT=…"
        )
    account = unprivileged_account()
    directory = locate(settings.run_dir, account)
    directory.part_directory("logs", account)
    secrets = load_secrets(directory.file("secrets.json"))
    ports = keep_ports(
        directory.file("ports.json"), ("postgres", "zarinpal", *s3.PORTS)
    )
    sockets = cleanup.enter_context(_socket_directory(directory, account))
    cluster = Cluster(
        data=directory.state / "postgres",
        sockets=sockets,
        bindir=installed_bindir(account),
        port=ports["postgres"],
        password=secrets["POSTGRES_PASSWORD"],
        account=account,
    )
    programs = find_programs(account)
    return Site(
        settings, directory, sockets, account, programs, ports, secrets, cluster
    )


@contextmanager
def _socket_directory(
    directory: RunDirectory, account: Account | None
) -> Iterator[Path]:
    """Make a directory with a short name: a socket's path ends at 107 bytes.

    A link in the run directory leads to it, so that the next start can remove what a
    killed run has left.
    """
    link = directory.file("sockets")
    if link.is_symlink():
        shutil.rmtree(link.readlink(), ignore_errors=True)
        link.unlink()
    sockets = Path(tempfile.mkdtemp(prefix="vetline-"))
    link.symlink_to(sockets)
    if account:
        account.own(sockets)
    try:
        yield sockets
    finally:
        shutil.rmtree(sockets, ignore_errors=True)
        link.unlink(missing_ok=True)


def _tell_about_distance(site: Site, report: Report) -> None:
    directory = site.directory
    if site.account and directory.state != directory.path:
        report.say(
            f"The data is in {directory.state}, because user {site.account.name}, who "
            f"runs the parts, can't reach {shown(directory.path)}."
        )
