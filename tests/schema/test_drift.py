"""sql/ and migrations/ build the same database, and no difference goes unnoticed."""

import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from db.tools import drift
from db.tools.drift import Side, compare
from db.tools.dump import dump
from db.tools.new_migration import new_migration
from db.tools.paths import SQL_DIR
from db.tools.scratch import ScratchServer
from tests.support.database import Database

HOLD_SLOT = "api.hold_slot(uuid, timestamptz)"
SHOWN = "api.hold_slot(uuid, timestamp with time zone)"
# Privileges and comments are dumped with the names of the arguments.
NAMED = "api.hold_slot(consultation_id uuid, start_at timestamp with time zone)"


@pytest.fixture(scope="module")
def wanted(server: ScratchServer, template: str) -> Side:
    """What sql/ builds."""
    return Side("sql/", dump(server.url(template)))


def test_sql_and_migrations_build_the_same(server: ScratchServer, wanted: Side) -> None:
    difference = compare(wanted, drift.from_migrations(server))
    assert not difference, f"\n{difference}\n{drift.ADVICE}"


def test_a_copy_has_no_difference(wanted: Side, fresh_db: Database) -> None:
    assert compare(wanted, Side("a copy", dump(fresh_db.url()))) == ""


@pytest.mark.parametrize(
    ("change", "title", "line"),
    [
        pytest.param(
            f"revoke execute on function {HOLD_SLOT} from app_user",
            f"PRIVILEGES ON FUNCTION {NAMED}",
            f"+GRANT ALL ON FUNCTION {NAMED} TO app_user;",
            id="a dropped grant",
        ),
        pytest.param(
            "grant select on app.credentials to app_user",
            "PRIVILEGES ON TABLE app.credentials",
            "in the database, but not in sql/",
            id="a grant too many",
        ),
        pytest.param(
            "create or replace function app.current_user_id() returns uuid "
            "language sql stable parallel safe as 'select null::uuid'",
            "FUNCTION app.current_user_id()",
            "-    AS $$select null::uuid$$;",
            id="a changed function body",
        ),
        pytest.param(
            "alter policy pets_select_user on app.pets using (true)",
            "POLICY app.pets pets_select_user",
            "-CREATE POLICY pets_select_user ON app.pets FOR SELECT TO app_user "
            "USING (true);",
            id="a policy edited by hand",
        ),
        pytest.param(
            "drop policy pets_select_user on app.pets",
            "POLICY app.pets pets_select_user",
            "in sql/, but not in the database",
            id="a dropped policy",
        ),
        pytest.param(
            "alter table app.pets no force row level security",
            "TABLE app.pets",
            "+ALTER TABLE ONLY app.pets FORCE ROW LEVEL SECURITY;",
            id="row-level security not forced",
        ),
        pytest.param(
            "comment on table app.pets is 'Animals.'",
            "COMMENT ON TABLE app.pets",
            "-COMMENT ON TABLE app.pets IS 'Animals.';",
            id="a changed comment",
        ),
        pytest.param(
            f"alter function {HOLD_SLOT} owner to app_admin",
            f"FUNCTION {SHOWN}",
            "OWNER TO app_owner;",
            id="another owner",
        ),
        pytest.param(
            f"alter function {HOLD_SLOT} security invoker",
            f"FUNCTION {SHOWN}",
            "SECURITY DEFINER",
            id="a definer no more",
        ),
        pytest.param(
            f"alter function {HOLD_SLOT} reset search_path",
            f"FUNCTION {SHOWN}",
            "SET search_path TO ''",
            id="a search_path lost",
        ),
        pytest.param(
            "alter table app.pets add column colour text",
            "TABLE app.pets",
            "-    colour text,",
            id="a new column",
        ),
        pytest.param(
            "drop index app.pets_user_id_idx",
            "INDEX app.pets_user_id_idx",
            "in sql/, but not in the database",
            id="a dropped index",
        ),
        pytest.param(
            "alter table app.pets disable trigger pets_100_touch",
            "TRIGGER app.pets pets_100_touch",
            "DISABLE TRIGGER",
            id="a disabled trigger",
        ),
        pytest.param(
            "alter default privileges for role app_owner "
            "grant execute on functions to public",
            "DEFAULT ACL DEFAULT PRIVILEGES FOR FUNCTIONS",
            "in sql/, but not in the database",
            id="default privileges",
        ),
        pytest.param(
            "update app.jobs set schedule = '0 0 1 1 *' "
            "where name = 'jobs:prune-history'",
            "ROWS app.jobs",
            "-jobs:prune-history,0 0 1 1 *",
            id="a job at another time",
        ),
    ],
)
def test_a_change_by_hand_is_shown(
    wanted: Side, fresh_db: Database, change: str, title: str, line: str
) -> None:
    with psycopg.connect(fresh_db.url()) as conn:
        conn.execute(change.encode())
    difference = compare(wanted, Side("the database", dump(fresh_db.url())))
    assert difference.startswith(title), difference
    assert line in difference, difference
    assert len(difference.splitlines()) < 30, difference  # readable: not the whole dump


Edit = Callable[[Path], None]


def _replace(name: str, old: str, new: str) -> Edit:
    """Return an edit of one file of sql/."""

    def edit(sql_dir: Path) -> None:
        path = sql_dir / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")

    return edit


# What is edited, and which object of the database differs by it.
EDITS = {
    f"PRIVILEGES ON FUNCTION {NAMED}": _replace(
        "api/hold_slot.sql", "to app_user", "to app_user, app_admin"
    ),
    f"FUNCTION {SHOWN}": _replace(
        "api/hold_slot.sql", "begin\n", "begin\n    -- a thought\n"
    ),
    "POLICY app.pets pets_select_user": _replace(
        "app/pets/pets.sql", "for select to app_user", "to app_user"
    ),
    f"COMMENT ON FUNCTION {NAMED}": _replace(
        "api/hold_slot.sql", "Hold a slot", "Keep a slot"
    ),
}


def test_edits_of_sql_without_a_migration_are_shown_and_nothing_else(
    server: ScratchServer, wanted: Side, tmp_path: Path
) -> None:
    shutil.copytree(SQL_DIR, tmp_path / "sql")
    for edit in EDITS.values():
        edit(tmp_path / "sql")
    edited = drift.from_sql(server, tmp_path / "sql")
    titles = wanted.entries.keys() | edited.entries.keys()
    differing = {
        title
        for title in titles
        if compare(*(_only(side, title) for side in (edited, wanted)))
    }
    assert differing == EDITS.keys()


def _only(side: Side, title: str) -> Side:
    """Return one object of a side, or none."""
    found = {title: side.entries[title]} if title in side.entries else {}
    return Side(side.name, found)


def test_the_command_shows_the_difference_and_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sql_dir, migrations_dir = tmp_path / "sql", tmp_path / "migrations"
    shutil.copytree(SQL_DIR, sql_dir)
    migrations_dir.mkdir()
    new_migration("all of it", sql_dir, migrations_dir)
    assert drift.report(sql_dir, migrations_dir)
    _replace("api/hold_slot.sql", "to app_user;", "to app_user, app_admin;")(sql_dir)
    assert not drift.report(sql_dir, migrations_dir)
    shown = capsys.readouterr().out
    assert f"+GRANT ALL ON FUNCTION {NAMED} TO app_admin;" in shown
    assert shown.endswith(f"{drift.ADVICE}\n")


def test_the_migrator_can_compare_a_live_database(
    fresh_db: Database,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", fresh_db.url("migrator"))
    with psycopg.connect(fresh_db.url()) as conn:
        conn.execute("revoke select on api.pets from app_user")
    assert drift.main(["--live"]) == 1
    shown = capsys.readouterr().out
    assert "+GRANT SELECT ON TABLE api.pets TO app_user;" in shown
    assert shown.endswith(f"{drift.LIVE_ADVICE}\n")
