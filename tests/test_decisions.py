"""Decisions are referred to by number: each has its own, in its name and title."""

from stack.settings import ROOT


def test_each_decision_has_its_own_number() -> None:
    files = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    for number, file in enumerate(files, 1):
        assert file.name.startswith(f"{number:04}-")
        assert file.read_text("utf-8").startswith(f"# {number}. ")
