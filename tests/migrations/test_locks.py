"""Which locks a migration may take, and in which order."""

from pathlib import Path

import pytest

from db.tools.freeze import freeze
from db.tools.lint import lint_migrations
from db.tools.locks import complaints

HISTORY = [
    "create table app.pets (id int);\ncreate view api.pets as select id from app.pets;",
    """
    create view api.nobody as select 1 as id;
create or replace view api.cats as -- not of app.dogs; of all
    select id from api.pets;
""",
]
COLUMN = "alter table app.pets add column name text;"
VIEW = "create or replace view api.pets as select id, name from app.pets;"
CATS = "create or replace view api.cats as select id, name from api.pets;"
LOCK = "lock table api.pets in access exclusive mode;"


@pytest.mark.parametrize(
    "migration",
    [
        f"{COLUMN} {VIEW}",
        f"{COLUMN} {LOCK} {VIEW}",
        f"{COLUMN} drop view api.pets;",
        f"{COLUMN} {CATS}",
        f"-- {LOCK}\n{COLUMN}\n{VIEW}",
        f"{LOCK} {COLUMN} {VIEW} {CATS}",
    ],
)
def test_a_table_before_the_view_over_it_is_found(migration: str) -> None:
    (complaint,) = complaints(HISTORY, migration)
    assert complaint.startswith("app.pets is changed before api.")


@pytest.mark.parametrize(
    "migration",
    [
        f"{LOCK} {COLUMN} {VIEW}",
        f"{LOCK.replace('pets', 'pets, api.cats')} {COLUMN} {VIEW} {CATS}",
        COLUMN,
        VIEW,
        f"{COLUMN} create or replace view api.nobody as select 2 as id;",
        f"{COLUMN} create view api.names as select name from app.pets;",
        f"{COLUMN} create function app.f() returns void language sql as $$\n{VIEW}$$;",
        "create table app.toys (id int); alter table app.toys add column name text;",
    ],
)
def test_what_no_request_can_meet_is_not(migration: str) -> None:
    assert complaints(HISTORY, migration) == []


@pytest.mark.parametrize(
    ("statement", "is_found"),
    [
        ("update app.pets set name = 'Rex';", True),
        ("delete from app.pets;", True),
        ("update app.pets set name = 'Rex' where id = 1;", False),
        ("update app.system_config set start_hour = 9;", False),
        ("create table app.toys (id int); update app.toys set id = 1;", False),
    ],
)
def test_a_change_of_every_row_is_found(statement: str, is_found: bool) -> None:
    assert bool(complaints(HISTORY, statement)) is is_found


def test_the_linter_refuses_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "0001_pets.sql").write_text(HISTORY[0])
    freeze(tmp_path)
    second = tmp_path / "0002_names.sql"
    second.write_text(f"-- depends: 0001_pets\n{COLUMN}\n{VIEW}\n")
    assert not lint_migrations(tmp_path)
    assert f"{second}: app.pets is changed before api.pets" in capsys.readouterr().out
    second.write_text(f"-- depends: 0001_pets\n{LOCK}\n{COLUMN}\n{VIEW}\n")
    assert lint_migrations(tmp_path)
