"""Nobody who lists the processes of the machine reads a password of the database."""

import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest

from db import as_person, backup, pgcli
from db.secret_url import without_password
from db.tools.dump import dump
from tests.support.database import Database
from tests.support.factories import make_admin

SECRET = "half a secret'"
URL = (
    "postgresql://migrator:half%20a%20secret'@127.0.0.1:5432/vetline?options=-crole%3Dx"
)
Command = tuple[Sequence[str], dict[str, str]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Command]:
    """The programs that are started from now on: arguments and environment."""
    found: list[Command] = []
    run: Callable[..., Any] = subprocess.run

    def execve(path: str, command: Sequence[str], environment: dict[str, str]) -> None:
        found.append((command, environment))
        raise SystemExit(path)

    def remember(command: Sequence[Any], **options: Any) -> Any:
        found.append(([str(word) for word in command], options["env"]))
        return run(command, **options)

    monkeypatch.setattr(os, "execve", execve)
    monkeypatch.setattr(subprocess, "run", remember)
    return found


def assert_hidden(started: list[Command], password: str) -> None:
    """Assert that one program was started, and read the password elsewhere."""
    ((command, environment),) = started
    assert password not in " ".join(command)
    assert environment["PGPASSWORD"] == password
    assert environment["PATH"] == os.environ["PATH"]


def test_the_rest_of_the_url_stays() -> None:
    where, secret = without_password(URL)
    assert secret == {"PGPASSWORD": SECRET}
    assert psycopg.conninfo.conninfo_to_dict(where) == {
        "user": "migrator",
        "host": "127.0.0.1",
        "port": "5432",
        "dbname": "vetline",
        "options": "-crole=x",
    }


def test_without_a_password_there_is_nothing_to_hide() -> None:
    assert without_password("postgresql:///vetline") == ("dbname=vetline", {})


def test_pgcli_is_not_told_it_by_its_arguments(started: list[Command]) -> None:
    with pytest.raises(SystemExit):
        pgcli.become_pgcli(URL, ["-c", "select 1"])
    assert_hidden(started, SECRET)
    assert list(started[0][0][-2:]) == ["-c", "select 1"]


def test_nor_is_pgcli_with_a_persons_rights(
    fresh_db: Database, started: list[Command], monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh_db.connect(autocommit=True) as conn:
        mobile = make_admin(conn).mobile
    monkeypatch.setenv("DATABASE_URL", fresh_db.url("migrator"))
    with pytest.raises(SystemExit):
        as_person.main(["admin", mobile])
    assert_hidden(started, fresh_db.server.cluster.password)
    assert "role=app_admin" in started[0][1]["PGOPTIONS"]


def test_nor_are_backups(
    fresh_db: Database, started: list[Command], tmp_path: Path
) -> None:
    backup.dump_database(fresh_db.url("migrator"), tmp_path / "database.dump")
    assert_hidden(started, fresh_db.server.cluster.password)


def test_nor_are_comparisons(fresh_db: Database, started: list[Command]) -> None:
    assert dump(fresh_db.url("migrator"))
    assert_hidden(started, fresh_db.server.cluster.password)
