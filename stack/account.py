"""Which operating-system account the parts run as.

PostgreSQL refuses to run as root, and nothing else here needs root's power: a
supervisor started by root runs every part as one unprivileged account.
"""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from stack.errors import StackError


@dataclass(frozen=True)
class Account:
    """An account that owns the running parts and their files."""

    name: str
    uid: int
    gid: int

    def own(self, path: Path) -> None:
        """Give one file or directory to the account; symbolic links are refused."""
        os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def can_reach(self, path: Path) -> bool:
        """Tell whether the account may read `path`, judged by the mode bits."""
        path = path.resolve()
        wanted = "rx" if path.is_dir() else "r"
        return self._may(path, wanted) and all(
            self._may(parent, "x") for parent in path.parents
        )

    def _may(self, path: Path, wanted: str) -> bool:
        status = path.stat()
        if status.st_uid == self.uid:
            bits = {"r": stat.S_IRUSR, "x": stat.S_IXUSR}
        elif status.st_gid == self.gid:
            bits = {"r": stat.S_IRGRP, "x": stat.S_IXGRP}
        else:
            bits = {"r": stat.S_IROTH, "x": stat.S_IXOTH}
        return all(status.st_mode & bits[letter] for letter in wanted)


def unprivileged_account() -> Account | None:
    """Return the account that parts run as, or None when that is our own.

    Raises:
        StackError: we are root, and the machine has no account to step down to.
    """
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise StackError("There is no account named postgres or nobody to run parts as")
