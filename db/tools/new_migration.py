"""`make migration m="…"`: write the next migration from what changed in sql/.

Changed functions and views, and new files of any kind, are copied whole; a changed
table gets a TODO for its hand-written `alter`. Without a message, the newest migration
is brought up to date with sql/ instead, as long as it is not frozen.
"""

import argparse
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from db.tools import blocks, source
from db.tools.history import HistoryError, MigrationFile, migration_files, unfrozen
from db.tools.paths import MIGRATIONS_DIR, ROOT, SQL_DIR
from db.tools.source import SourceError


def new_migration(
    message: str, sql_dir: Path = SQL_DIR, migrations_dir: Path = MIGRATIONS_DIR
) -> Path:
    """Write the next migration and return its path.

    Args:
        message: what it does, in a few English words; becomes part of its name.
        sql_dir: the folder that holds ORDER.
        migrations_dir: the folder of the migrations.

    Raises:
        HistoryError: the message makes no name, or migrations/ is not in order.
        SourceError: sql/ORDER is wrong.
    """
    slug = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")
    if not slug:
        raise HistoryError(f"{message!r} has no letters a-z to make a file name of")
    history = migration_files(migrations_dir)
    path = migrations_dir / f"{len(history) + 1:04}_{slug}.sql"
    _write(path, _header(message, history) + _blocks(_texts(sql_dir), history))
    return path


def refresh_newest(
    sql_dir: Path = SQL_DIR, migrations_dir: Path = MIGRATIONS_DIR
) -> Path:
    """Bring the newest migration up to date with sql/, and return its path.

    What was written by hand stays as it is.

    Raises:
        HistoryError: there is none that is not frozen.
        SourceError: sql/ORDER is wrong.
    """
    if not unfrozen(migrations_dir):
        raise HistoryError('There is no unfrozen migration: make migration m="…"')
    *history, newest = migration_files(migrations_dir)
    files = _texts(sql_dir)
    by_hand = blocks.without_copies(newest.text)
    if _has_statements(by_hand):
        text = blocks.refresh(newest.text, files)
        text += _blocks(files, [*(file.text for file in history), text])
    else:  # nothing but copies: write it anew, in the order of sql/ORDER
        text = by_hand.strip() + "\n" + _blocks(files, history)
    _write(newest.path, text)
    return newest.path


def _texts(sql_dir: Path) -> dict[str, str]:
    """Return the text of every sql file, by name, in load order."""
    paths = source.ordered_files(sql_dir)
    return {
        path.relative_to(sql_dir).as_posix(): path.read_text("utf-8").rstrip() + "\n"
        for path in paths
    }


def _has_statements(text: str) -> bool:
    """Tell whether there is more than comments."""
    lines = (line.strip() for line in text.splitlines())
    return any(line and not line.startswith("--") for line in lines)


def _header(message: str, history: list[MigrationFile]) -> str:
    """Return the first lines: what it does, and what must be there before."""
    depends = f"-- depends: {history[-1].id}\n" if history else ""
    return f"-- {message}\n{depends}"


def _blocks(files: dict[str, str], history: Iterable[MigrationFile | str]) -> str:
    """Return a block for every file that `history` does not lead to."""
    texts = (item if isinstance(item, str) else item.text for item in history)
    versions = blocks.reached(texts)
    parts = [
        blocks.copy_block(name, text)
        if name not in versions or blocks.is_repeatable(text)
        else blocks.alter_block(name, text)
        for name, text in files.items()
        if versions.get(name) != blocks.digest(text)
    ]
    parts += [blocks.drop_block(name) for name in versions if name not in files]
    return "".join("\n" + part for part in parts)


def _write(path: Path, text: str) -> None:
    """Write with one kind of line ending, whatever the machine."""
    path.write_text(text, "utf-8", newline="\n")


def main(arguments: list[str] | None = None) -> int:
    """Write or refresh a migration; say which, and what is left to do in it."""
    parser = argparse.ArgumentParser(
        prog="python -m db.tools.new_migration", description=__doc__
    )
    parser.add_argument("message", nargs="?", help="what the new migration does")
    message = parser.parse_args(arguments).message
    try:
        path = new_migration(message) if message else refresh_newest()
    except (HistoryError, SourceError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{'wrote' if message else 'refreshed'} {path.relative_to(ROOT)}")
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if "TODO" in line:
            print(f"  line {number}: {line.removeprefix('-- ')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
