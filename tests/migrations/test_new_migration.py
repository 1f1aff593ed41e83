"""`make migration`: changed functions are copied, changed tables ask for an alter."""

from pathlib import Path

import pytest

from db.tools import drift
from db.tools.blocks import is_repeatable
from db.tools.drift import compare
from db.tools.freeze import freeze
from db.tools.history import HistoryError
from db.tools.lint import lint_migrations
from db.tools.new_migration import new_migration, refresh_newest
from db.tools.scratch import ScratchServer

TABLE = """-- Animals.
create table app.pets (
    id bigint not null,
    constraint pets_pkey primary key (id)
);
"""
FUNCTION = """-- Says so; 100 % of the time.
create or replace function app.is_cat(name text) returns boolean
language sql immutable set search_path = ''
return name like 'گربه%';

comment on function app.is_cat(text) is 'A cat''s name; not a dog''s.';
grant execute on function app.is_cat(text) to app_user;
"""
VIEW = """create or replace view app.cats with (security_invoker = true) as
select id from app.pets;
"""


class Project:
    """A small sql/ and its migrations/."""

    def __init__(self, home: Path) -> None:
        self.sql = home / "sql"
        self.migrations = home / "migrations"
        for folder in (self.sql / "app", self.migrations):
            folder.mkdir(parents=True)
        self.order: list[str] = []
        self.write("app/schema.sql", "create schema app;\n")
        self.write("app/pets.sql", TABLE)
        self.write("app/is_cat.sql", FUNCTION)

    def write(self, name: str, text: str) -> None:
        """Write one sql file, and list it if it is new."""
        (self.sql / name).write_text(text, "utf-8")
        if name not in self.order:
            self._list([*self.order, name])

    def remove(self, name: str) -> None:
        """Remove one sql file."""
        (self.sql / name).unlink()
        self._list([other for other in self.order if other != name])

    def _list(self, order: list[str]) -> None:
        self.order = order
        (self.sql / "ORDER").write_text("\n".join(order) + "\n")

    def migration(self, message: str) -> str:
        """Write the next migration and return its text."""
        return new_migration(message, self.sql, self.migrations).read_text("utf-8")

    def refresh(self) -> str:
        """Bring the newest migration up to date and return its text."""
        return refresh_newest(self.sql, self.migrations).read_text("utf-8")

    def drift(self, server: ScratchServer) -> str:
        """Return how sql/ and migrations/ differ."""
        wanted = drift.from_sql(server, self.sql)
        return compare(wanted, drift.from_migrations(server, self.migrations))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project without migrations."""
    return Project(tmp_path)


def test_the_first_migration_is_all_of_sql_in_order(
    project: Project, server: ScratchServer
) -> None:
    text = project.migration("The first version!")
    assert [path.name for path in project.migrations.iterdir()] == [
        "0001_the_first_version.sql"
    ]
    begins = [line for line in text.splitlines() if line.startswith("-- from")]
    assert begins == [f"-- from sql/{name}" for name in project.order]
    assert TABLE in text
    assert FUNCTION in text
    assert project.drift(server) == ""


def test_a_changed_function_is_copied_whole(
    project: Project, server: ScratchServer
) -> None:
    project.migration("first")
    changed = FUNCTION.replace("گربه%", "پیشی%")
    project.write("app/is_cat.sql", changed)
    assert "پیشی" in project.drift(server)
    assert project.migration("other cats") == (
        "-- other cats\n-- depends: 0001_first\n\n"
        f"-- from sql/app/is_cat.sql\n{changed}-- end of sql/app/is_cat.sql\n"
    )
    assert project.drift(server) == ""


def test_what_did_not_change_is_not_copied_again(project: Project) -> None:
    project.migration("first")
    assert project.migration("data only") == "-- data only\n-- depends: 0001_first\n"


def test_a_changed_table_asks_for_an_alter(
    project: Project, server: ScratchServer
) -> None:
    project.migration("first")
    column = ",\n    name text\n);"
    project.write("app/pets.sql", TABLE.replace("\n);", column))
    text = project.migration("names")
    assert "create table" not in text
    assert not lint_migrations(project.migrations)  # a TODO is left
    path = project.migrations / "0002_names.sql"
    todo = next(line for line in text.splitlines() if "TODO" in line)
    path.write_text(text.replace(todo, "alter table app.pets add column name text;"))
    assert project.drift(server) == ""
    assert lint_migrations(project.migrations)
    assert project.migration("nothing").count("\n") == 2


def test_new_and_removed_files(project: Project, server: ScratchServer) -> None:
    project.migration("first")
    project.write("app/cats.sql", VIEW)
    project.remove("app/is_cat.sql")
    text = project.migration("cats")
    assert VIEW in text
    todo = "-- TODO: drop what the file had made.\n"
    assert f"-- drop for sql/app/is_cat.sql\n{todo}" in text
    path = project.migrations / "0002_cats.sql"
    path.write_text(text.replace(todo, "drop function app.is_cat;\n"), "utf-8")
    assert project.drift(server) == ""
    assert "is_cat" not in project.migration("nothing")


def test_the_newest_migration_follows_sql_until_it_is_frozen(
    project: Project, server: ScratchServer
) -> None:
    project.migration("first")
    project.write("app/pets.sql", TABLE.replace("bigint", "uuid"))
    project.write("app/cats.sql", VIEW)
    project.remove("app/is_cat.sql")
    text = project.refresh()
    assert text.startswith("-- first\n\n-- from sql/app/schema.sql\n")
    assert "bigint" not in text
    assert "is_cat" not in text
    assert project.drift(server) == ""
    freeze(project.migrations)
    with pytest.raises(HistoryError, match="no unfrozen migration"):
        project.refresh()


def test_refreshing_keeps_what_was_written_by_hand(
    project: Project, server: ScratchServer
) -> None:
    project.migration("first")
    freeze(project.migrations)
    project.write("app/is_cat.sql", FUNCTION.replace("گربه", "a"))
    text = project.migration("second")
    path = project.migrations / "0002_second.sql"
    by_hand = "\nalter table app.pets add column name text;\n"
    path.write_text(text + by_hand, "utf-8")
    latest = FUNCTION.replace("گربه", "b")
    project.write("app/is_cat.sql", latest)
    project.write("app/cats.sql", VIEW)
    project.write("app/pets.sql", TABLE.replace("\n);", ",\n    name text\n);"))
    text = project.refresh()
    assert by_hand in text
    assert latest in text
    assert VIEW in text
    assert text.count("-- from sql/app/is_cat.sql") == 1
    path.write_text(text.replace("-- TODO", "-- done above"), "utf-8")
    assert project.drift(server) == ""
    assert project.refresh() == path.read_text("utf-8")


@pytest.mark.parametrize("message", ["", "!!!", "گربه"])
def test_a_message_without_latin_letters_makes_no_name(
    project: Project, message: str
) -> None:
    with pytest.raises(HistoryError, match="no letters"):
        project.migration(message)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FUNCTION, True),
        (VIEW, True),
        (TABLE, False),
        ("create view app.v as select 1;", False),
        (FUNCTION + "create index i on app.pets (id);", False),
        (FUNCTION + "insert into app.pets values (1);", False),
        ("-- create table x\ncomment on schema app is 'create table';", True),
        ("drop policy if exists p on app.pets;\ngrant select on app.pets to x;", True),
    ],
)
def test_only_what_can_be_run_again_is_copied(text: str, expected: bool) -> None:
    assert is_repeatable(text) is expected


def test_the_linter_finds_a_migration_that_would_block(project: Project) -> None:
    project.migration("first")
    assert lint_migrations(project.migrations)
    project.migration("second")
    path = project.migrations / "0002_second.sql"
    slow = "create index pets_id_idx on app.pets (id);\n"
    path.write_text(path.read_text() + slow)
    assert not lint_migrations(project.migrations)
    slow = "create index concurrently if not exists pets_id_idx on app.pets (id);\n"
    path.write_text(f"-- transactional: false\n-- depends: 0001_first\n{slow}")
    assert lint_migrations(project.migrations)
    freeze(project.migrations)
    assert lint_migrations(project.migrations)
