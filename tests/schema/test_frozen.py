"""Released migrations never change, and every migration follows the one before it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from db.tools.freeze import freeze
from db.tools.history import HistoryError, unfrozen, verify_frozen


def test_no_frozen_migration_was_edited() -> None:
    assert verify_frozen()  # raises, and there is at least one migration


def test_no_migration_has_something_left_to_do() -> None:
    assert [file.path.name for file in unfrozen() if "TODO" in file.text] == []


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Two migrations, the first of them frozen."""
    (tmp_path / "0001_first.sql").write_text("-- first\nselect 1;\n")
    assert freeze(tmp_path) == ["0001_first.sql"]
    (tmp_path / "0002_second.sql").write_text("-- depends: 0001_first\nselect 2;\n")
    return tmp_path


def test_freezing_appends_what_is_new(history: Path) -> None:
    before = (history / "FROZEN").read_text()
    assert freeze(history) == ["0002_second.sql"]
    assert freeze(history) == []
    after = (history / "FROZEN").read_text()
    assert after.startswith(before)
    assert [line.split()[1] for line in after.splitlines()] == [
        "0001_first.sql",
        "0002_second.sql",
    ]
    assert unfrozen(history) == []


def test_an_unfinished_migration_is_not_frozen(history: Path) -> None:
    path = history / "0003_third.sql"
    path.write_text("-- depends: 0002_second\n-- TODO: write it\n")
    with pytest.raises(HistoryError, match=r"0003_third\.sql still has a TODO"):
        freeze(history)


def _edit(history: Path) -> None:
    (history / "0001_first.sql").write_text("-- first\nselect 11;\n")


def _line_ending(history: Path) -> None:
    (history / "0001_first.sql").write_bytes(b"-- first\r\nselect 1;\r\n")


def _remove(history: Path) -> None:
    (history / "0001_first.sql").unlink()
    (history / "0002_second.sql").unlink()


def _fork(history: Path) -> None:
    text = "-- depends: 0001_first\nselect 3;\n"
    (history / "0003_third.sql").write_text(text)


def _same_number(history: Path) -> None:
    text = "-- depends: 0001_first\nselect 3;\n"
    (history / "0002_third.sql").write_text(text)


def _bad_name(history: Path) -> None:
    (history / "0003-Third.sql").write_text("-- depends: 0002_second\n")


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (_edit, r"0001_first\.sql is frozen, but was edited"),
        (_line_ending, r"0001_first\.sql is frozen, but was edited"),
        (_remove, r"0001_first\.sql is frozen, but missing"),
        (_fork, "should begin with -- depends: 0002_second"),
        (_same_number, r"0002_third\.sql should have the number 0003"),
        (_bad_name, "should be named NNNN_lower_case_words"),
    ],
)
def test_damage_is_named(
    history: Path, damage: Callable[[Path], None], sentence: str
) -> None:
    verify_frozen(history)
    damage(history)
    with pytest.raises(HistoryError, match=sentence):
        verify_frozen(history)
