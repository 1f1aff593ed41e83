"""The run directory and the files in it."""

import os
import socket
import stat
from pathlib import Path

import pytest

from stack import run_directory as module
from stack.account import Account
from stack.parts.nginx import substitute
from stack.ports import is_free, keep_ports
from stack.run_directory import claim, locate, reset
from stack.secret_file import load_secrets


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


def test_state_moves_to_where_the_account_can_reach_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_STATE_HOME", tmp_path)
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    run_dir = closed / "run"
    os.close(claim(run_dir))
    assert locate(run_dir, None).state == run_dir
    stranger = Account("stranger", uid=54321, gid=54321)
    directory = locate(run_dir, stranger)
    assert directory.state.parent == tmp_path
    assert locate(run_dir, stranger) == directory
    assert (run_dir / "logs").readlink() == directory.state / "logs"


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
