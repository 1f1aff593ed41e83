"""The run directory and the files in it."""

import os
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack import run_directory as module
from stack.account import Account
from stack.errors import StackError
from stack.parts.nginx import substitute
from stack.ports import is_free, keep_ports
from stack.run_directory import claim, locate, reset
from stack.secret_file import load_secrets

STRANGER = Account("stranger", uid=54321, gid=54321)


def test_ports_stay_the_same_unless_somebody_took_them(tmp_path: Path) -> None:
    path = tmp_path / "ports.json"
    first = keep_ports(path, ["postgres", "s3"])
    assert keep_ports(path, ["postgres", "s3"]) == first
    with socket.create_server(("127.0.0.1", first["s3"])):
        assert not is_free(first["s3"])
        second = keep_ports(path, ["postgres", "s3"])
    assert second["postgres"] == first["postgres"]
    assert second["s3"] not in first.values()


def test_secrets_are_made_once_and_only_missing_ones_are_added(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    first = load_secrets(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_secrets(path) == first
    path.write_text('{"JWT_ACCESS_SECRET": "mine"}')
    second = load_secrets(path)
    assert second["JWT_ACCESS_SECRET"] == "mine"
    assert second.keys() == first.keys()
    assert second["S3_SECRET_KEY"] != first["S3_SECRET_KEY"]


@pytest.fixture
def closed(short_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A claimed run directory in a home that is closed to others."""
    home = Path(tempfile.mkdtemp(dir=short_path))
    monkeypatch.setattr(module, "_STATE_HOME", short_path)
    lock = claim(home / "run")
    yield home / "run"
    os.close(lock)


def test_state_moves_to_where_the_account_can_reach_it(
    short_path: Path, closed: Path
) -> None:
    assert locate(closed, None).state == closed
    directory = locate(closed, STRANGER)
    assert directory.state.parent == short_path
    assert locate(closed, STRANGER) == directory
    assert (closed / "logs").readlink() == directory.state / "logs"


def test_state_stays_where_it_is_when_the_way_is_opened(closed: Path) -> None:
    directory = locate(closed, STRANGER)
    directory.part_directory("postgres", None)
    closed.parent.chmod(0o755)
    assert STRANGER.can_reach(closed)
    assert locate(closed, STRANGER) == directory


def test_state_that_the_account_can_not_reach_any_more_is_a_sentence(
    closed: Path,
) -> None:
    closed.parent.chmod(0o755)
    locate(closed, STRANGER).part_directory("postgres", None)
    closed.parent.chmod(0o700)
    with pytest.raises(StackError, match="out of reach for user stranger"):
        locate(closed, STRANGER)


def test_reset_removes_what_runs_have_made_and_nothing_else(tmp_path: Path) -> None:
    lock = claim(tmp_path / "run")
    load_secrets(tmp_path / "run" / "secrets.json")
    locate(tmp_path / "run", None).part_directory("postgres", None)
    (tmp_path / "run" / "thesis.txt").write_text("not ours")
    reset(tmp_path / "run")
    os.close(lock)
    assert [file.name for file in (tmp_path / "run").iterdir()] == ["thesis.txt"]


def test_only_our_names_are_replaced_in_a_template() -> None:
    template = "listen ${LISTEN}; set $x ${host}; root ${LISTENER} $LISTEN;"
    assert substitute(template, {"LISTEN": "127.0.0.1:80", "RUN_DIR": "/run"}) == (
        "listen 127.0.0.1:80; set $x ${host}; root ${LISTENER} $LISTEN;"
    )


def test_a_line_with_several_values_is_repeated() -> None:
    template = "upstream x {\n    server ${HOST}:${PORT} max_fails=2;\n}\n"
    variables = {"HOST": ["a", "b"], "PORT": "80"}
    assert substitute(template, variables) == (
        "upstream x {\n    server a:80 max_fails=2;\n    server b:80 max_fails=2;\n}\n"
    )
