"""migrations/: numbered files, each after the one before it, frozen by FROZEN."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from db.tools.paths import MIGRATIONS_DIR

_NAME = re.compile(r"(?P<number>\d{4})_[a-z0-9]+(_[a-z0-9]+)*\.sql")
_DEPENDS = re.compile(r"^-- depends:(?P<ids>.*)$", re.MULTILINE)


class HistoryError(Exception):
    """migrations/ is not as it should be; the message names the file."""


@dataclass(frozen=True)
class MigrationFile:
    """One migration; `id` is what yoyo calls it, the file name without `.sql`."""

    path: Path

    @property
    def id(self) -> str:
        """The name that `-- depends:` and yoyo's tables use."""
        return self.path.stem

    @property
    def number(self) -> int:
        """The number that its name starts with."""
        return int(self.path.name[:4])

    @property
    def text(self) -> str:
        """The whole file."""
        return self.path.read_text("utf-8")

    @property
    def sha256(self) -> str:
        """The hash of the file's bytes, as FROZEN records it."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()

    @property
    def depends(self) -> list[str]:
        """The ids in its `-- depends:` lines."""
        return " ".join(_DEPENDS.findall(self.text)).split()


def migration_files(migrations_dir: Path = MIGRATIONS_DIR) -> list[MigrationFile]:
    """Return the migrations in order.

    Raises:
        HistoryError: a name is not `NNNN_words.sql`, a number is missing or used twice,
            or a migration does not depend on the one before it (two branches met).
    """
    files = [MigrationFile(path) for path in sorted(migrations_dir.glob("*.sql"))]
    previous: MigrationFile | None = None
    for file in files:
        if not _NAME.fullmatch(file.path.name):
            raise HistoryError(f"{file.path} should be named NNNN_lower_case_words.sql")
        expected = previous.number + 1 if previous else 1
        if file.number != expected:
            raise HistoryError(f"{file.path} should have the number {expected:04}")
        if file.depends != ([previous.id] if previous else []):
            first = f"-- depends: {previous.id}" if previous else "no -- depends:"
            raise HistoryError(f"{file.path} should begin with {first}")
        previous = file
    return files


def frozen_hashes(migrations_dir: Path = MIGRATIONS_DIR) -> dict[str, str]:
    """Return sha256 by file name from FROZEN (the format of `sha256sum`)."""
    frozen = migrations_dir / "FROZEN"
    if not frozen.is_file():
        return {}
    pairs = (line.split() for line in frozen.read_text("utf-8").splitlines())
    return {name: digest for digest, name in pairs}


def verify_frozen(migrations_dir: Path = MIGRATIONS_DIR) -> list[MigrationFile]:
    """Check that released migrations are what they were, and return all in order.

    Raises:
        HistoryError: a frozen migration is missing or edited, or the order is wrong.
    """
    files = {file.path.name: file for file in migration_files(migrations_dir)}
    for name, digest in frozen_hashes(migrations_dir).items():
        if name not in files:
            raise HistoryError(f"{migrations_dir / name} is frozen, but missing")
        if files[name].sha256 != digest:
            raise HistoryError(
                f"{files[name].path} is frozen, but was edited: restore it, and put "
                'the change into a new migration (make migration m="…")'
            )
    return list(files.values())


def unfrozen(migrations_dir: Path = MIGRATIONS_DIR) -> list[MigrationFile]:
    """Return the migrations that FROZEN does not list: those that may still change."""
    frozen = frozen_hashes(migrations_dir)
    return [f for f in migration_files(migrations_dir) if f.path.name not in frozen]
