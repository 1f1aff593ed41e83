"""sql/ORDER lists every file, and every object is in the file of its name."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from db.tools import source
from db.tools.paths import SQL_DIR
from db.tools.source import SourceError
from tests.support.database import Connection, Database, rows


def test_every_file_is_listed_once() -> None:
    assert len(source.ordered_files()) == len({*SQL_DIR.rglob("*.sql")})


def test_every_object_is_in_the_file_of_its_name(db: Connection) -> None:
    """`api.hold_slot` is sql/api/hold_slot.sql, `app.pets` is sql/app/pets/pets.sql."""
    objects = rows(
        db,
        """
        select pronamespace::regnamespace::text as folder, proname as name from pg_proc
        where pronamespace in ('app'::regnamespace, 'api'::regnamespace,
                               'sidecar'::regnamespace)
        union
        select relnamespace::regnamespace::text, relname from pg_class
        where relnamespace in ('app'::regnamespace, 'api'::regnamespace)
          and relkind in ('r', 'v', 'm', 'p')
        """,
    )
    assert len(objects) > 100
    homeless = [
        f"{o['folder']}.{o['name']}"
        for o in objects
        if not list((SQL_DIR / o["folder"]).rglob(f"{o['name']}.sql"))
    ]
    assert homeless == []


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """Two files and their ORDER."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "schema.sql").write_text("create schema app;\n")
    (tmp_path / "app" / "pets.sql").write_text("create table app.pets (id int);\n")
    (tmp_path / "ORDER").write_text(
        "# first things first\napp/schema.sql\n\napp/pets.sql\n"
    )
    return tmp_path


def test_the_order_is_kept(sample: Path) -> None:
    assert [p.name for p in source.ordered_files(sample)] == ["schema.sql", "pets.sql"]


def _forget(sample: Path) -> None:
    (sample / "app" / "doctors.sql").touch()


def _remove(sample: Path) -> None:
    (sample / "app" / "pets.sql").unlink()


def _repeat(sample: Path) -> None:
    with (sample / "ORDER").open("a") as order:
        order.write("app/pets.sql\n")


def _lose_order(sample: Path) -> None:
    (sample / "ORDER").unlink()


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (_forget, r"ORDER does not list app/doctors\.sql"),
        (_remove, r"ORDER lists app/pets\.sql, which is missing"),
        (_repeat, r"ORDER lists app/pets\.sql 2 times"),
        (_lose_order, r"ORDER is missing"),
    ],
)
def test_damage_is_named(
    sample: Path, damage: Callable[[Path], None], sentence: str
) -> None:
    damage(sample)
    with pytest.raises(SourceError, match=sentence):
        source.ordered_files(sample)


def test_a_failing_file_is_named_with_its_line(
    sample: Path, fresh_db: Database
) -> None:
    (sample / "app" / "schema.sql").write_text(
        "-- there already\n\ncreate schemer x;\n"
    )
    with (
        psycopg.connect(fresh_db.url()) as conn,
        pytest.raises(SourceError, match=r"app/schema\.sql:3: syntax error"),
    ):
        source.load(conn, sample)
