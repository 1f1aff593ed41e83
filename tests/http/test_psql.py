"""make psql AS=…: the views by hand, as far as a person's own rights reach."""

import os
import subprocess
import sys

import pytest

from stack.background import System
from tests.support.api import Api, new_pet
from tests.support.database import Connection, value

OPENED = "select count(*) from app.audit_log where action = 'SQL_SESSION_OPENED'"


def psql(
    system: System, role: str, mobile: str, query: str
) -> subprocess.CompletedProcess[str]:
    """Run one query as somebody."""
    return subprocess.run(
        [sys.executable, "-m", "db.as_person", role, mobile, "-t", "-c", query],
        env=os.environ | {"DATABASE_URL": system.database_url},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_everybody_sees_what_their_rights_show_and_it_is_audited(
    system: System, admin: Api, owner: Api, stranger: Api, database: Connection
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


@pytest.mark.parametrize("role", ["doctor", "user", "owner"])
def test_who_is_not_there_is_nobody(system: System, admin: Api, role: str) -> None:
    played = psql(system, role, admin.mobile, "select 1")
    assert played.returncode == 1
    assert "There is no active" in played.stderr
