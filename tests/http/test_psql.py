"""make psql AS=…: the views by hand, as far as a person's own rights reach."""

import subprocess

import pytest

from stack.background import System
from stack.settings import ROOT
from tests.support.api import Api, new_pet
from tests.support.database import Connection, rows, value
from tests.support.playing import make

OPENED = "select count(*) from app.audit_log where action = 'SQL_SESSION_OPENED'"


def psql(
    system: System, role: str, mobile: str, query: str
) -> subprocess.CompletedProcess[str]:
    """Run one query as somebody."""
    return make(
        "psql",
        f"AS={role}",
        f"MOBILE={mobile}",
        f'ARGS=-t -c "{query}"',
        DATABASE_URL=system.database_url,
    )


def test_everybody_sees_what_their_rights_show_and_it_is_audited(
    system: System,
    admin: Api,
    owner: Api,
    stranger: Api,
    database: Connection,
) -> None:
    pets = {new_pet(owner), new_pet(stranger)}
    before = value(database, OPENED)
    named = ", ".join(f"'{pet}'" for pet in pets)
    query = f"select id, current_user from api.pets where id in ({named})"
    shown = psql(system, "admin", admin.mobile, query).stdout
    assert "app_admin" in shown
    assert all(pet in shown for pet in pets)
    own = psql(system, "user", owner.mobile, query).stdout
    assert [pet in own for pet in pets].count(True) == 1
    assert value(database, OPENED) == before + 2


def test_a_doctor_has_a_doctors_views(system: System, doctor: Api) -> None:
    query = "select current_user, count(*) from api.doctor_appointments"
    assert "app_doctor" in psql(system, "doctor", doctor.mobile, query).stdout


def test_what_is_changed_is_traced_to_the_session(
    system: System, admin: Api, database: Connection
) -> None:
    span = "'2001-01-01', '2001-01-02'"
    query = f"select id from api.create_closure({span}, 'سفر')"
    closure_id = psql(system, "admin", admin.mobile, query).stdout.strip(" |\n")
    lines = """
        select action, actor_user_id::text as actor, entity_id::text as about,
            meta ->> 'request_id' as request_id, meta -> 'ip' as ip
        from app.audit_log
        where meta ->> 'request_id' = (select meta ->> 'request_id' from app.audit_log
                                       where entity_id = %(id)s)
        order by created_at
    """
    opened, made = rows(database, lines, id=closure_id)
    person = admin.call("GET", "/me").data["id"]
    assert (opened["action"], made["action"]) == (
        "SQL_SESSION_OPENED",
        "CLOSURE_CREATED",
    )
    # Who sat there is not known; what was done with a person's rights is theirs.
    assert (opened["actor"], opened["about"], made["actor"]) == (None, person, person)
    assert made["request_id"].startswith("sql-")
    assert (opened["ip"], made["ip"]) == (None, None)


@pytest.mark.parametrize(
    ("words", "program"),
    [([], "db.pgcli"), (["AS=admin", "MOBILE=0912"], 'db.as_person admin "0912"')],
)
def test_make_opens_it_as_whom_it_was_told(words: list[str], program: str) -> None:
    """Without AS as the owner: make has a variable of that name of its own."""
    command = ["make", "--dry-run", "psql", *words]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert program in said.stdout
    assert ("pgcli" in said.stdout) is (program == "db.pgcli")


@pytest.mark.parametrize("role", ["doctor", "user", "owner"])
def test_who_is_not_there_is_nobody(system: System, admin: Api, role: str) -> None:
    played = psql(system, role, admin.mobile, "select 1")
    assert played.returncode > 0
    assert "There is no active" in played.stderr
