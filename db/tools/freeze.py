"""`make freeze`: record the hashes of the migrations that a release ships.

From then on they never change: databases exist that were built by them.
"""

import sys
from pathlib import Path

from db.tools.history import HistoryError, unfrozen, verify_frozen
from db.tools.paths import MIGRATIONS_DIR


def freeze(migrations_dir: Path = MIGRATIONS_DIR) -> list[str]:
    """Append every unfrozen migration to FROZEN, and return their names.

    Raises:
        HistoryError: a frozen migration was edited, or a TODO is left in a new one.
    """
    verify_frozen(migrations_dir)
    new = unfrozen(migrations_dir)
    for file in new:
        if "TODO" in file.text:
            raise HistoryError(f"{file.path} still has a TODO")
    with (migrations_dir / "FROZEN").open("a", encoding="utf-8") as frozen:
        frozen.writelines(f"{file.sha256}  {file.path.name}\n" for file in new)
    return [file.path.name for file in new]


def main() -> int:
    """Freeze, and say what was frozen."""
    try:
        names = freeze()
    except HistoryError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(f"frozen: {name}" for name in names) or "Nothing to freeze.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
