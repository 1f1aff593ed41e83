"""`make lint`: ruff, the type checker, and the linter of migrations.

All are run, whatever the first one says; what they find is theirs to print.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from db.tools.history import HistoryError, MigrationFile, unfrozen, verify_frozen
from db.tools.locks import complaints
from db.tools.paths import MIGRATIONS_DIR, ROOT

_PYTHON_CHECKS = (
    ("ruff", "check"),
    ("ruff", "format", "--check"),
    ("mypy",),
)


def lint_migrations(migrations_dir: Path = MIGRATIONS_DIR) -> bool:
    """Lint the migrations that are not frozen; return whether they are clean.

    Raises:
        HistoryError: a frozen migration was edited, or the files are out of order.
    """
    history = verify_frozen(migrations_dir)
    new = unfrozen(migrations_dir)
    unfinished = [file for file in new if "TODO" in file.text]
    for file in unfinished:
        print(f"{file.path} still has a TODO")
    in_transaction = [file for file in new if _is_transactional(file)]
    outside = [file for file in new if not _is_transactional(file)]
    clean = [
        _locks_in_order(history, in_transaction),
        _squawk("--assume-in-transaction", in_transaction),
        _squawk("--no-assume-in-transaction", outside),
    ]
    return all(clean) and not unfinished


def _is_transactional(file: MigrationFile) -> bool:
    """Tell whether yoyo runs the file in one transaction."""
    return "-- transactional: false" not in file.text.splitlines()


def _locks_in_order(
    history: Sequence[MigrationFile], files: Sequence[MigrationFile]
) -> bool:
    """Print what is wrong with the locks of some files; return whether nothing is."""
    found = [
        f"{file.path}: {complaint}"
        for file in files
        for complaint in complaints(
            [earlier.text for earlier in history[: file.number - 1]], file.text
        )
    ]
    print(*found, sep="\n", end="\n" if found else "")
    return not found


def _squawk(mode: str, files: Sequence[MigrationFile]) -> bool:
    """Run squawk on some files."""
    return not files or _passes(["squawk", mode, *(str(file.path) for file in files)])


def _passes(command: Sequence[str]) -> bool:
    """Run a tool of this environment; return whether it found nothing."""
    tool = Path(sys.executable).with_name(command[0])
    print("→", *command[:3], flush=True)
    return subprocess.run([tool, *command[1:]], check=False, cwd=ROOT).returncode == 0


def main() -> int:
    """Run everything; 1 when anything was found."""
    results = [_passes(command) for command in _PYTHON_CHECKS]
    try:
        results.append(lint_migrations())
    except HistoryError as error:
        print(error)
        results.append(False)
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
