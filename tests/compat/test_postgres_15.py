"""The oldest PostgreSQL that we support serves as well as the newest."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from db.migrate import migrate
from db.prepare import LOGIN_ROLES
from db.tools.paths import ROOT
from db.tools.scratch import scratch_server

HEALTHY = "select count(*) from app.invariants()"


def test_the_migrations_build_the_database(postgres_15: Path) -> None:
    with scratch_server(postgres_15) as server, server.database("compat") as name:
        assert migrate(server.url(name, "migrator"), report=lambda _: None)
        with psycopg.connect(server.url(name)) as conn:
            assert conn.info.server_version // 10_000 == 15
            assert conn.execute(HEALTHY).fetchone() == (0,)


def test_nobody_waits_for_a_query_to_be_compiled(postgres_15: Path) -> None:
    """Debian's server can compile queries, and would; the packaged one can not."""
    with scratch_server(postgres_15, {"jit": "on"}) as server:
        for role in LOGIN_ROLES:
            with psycopg.connect(server.url("postgres", role)) as conn:
                assert conn.execute("show jit").fetchone() == ("off",)


@pytest.mark.timeout(600)
def test_the_tests_of_the_database_pass(postgres_15: Path) -> None:
    """All of tests/db that could fail here alone, in a pytest of their own."""
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "tests/db", f"--postgres={postgres_15}"),
            *("-m", "not once", "--numprocesses=0", "-q", "--no-header", "--tb=short"),
            *("-p", "no:cacheprovider"),
        ],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]
    assert " passed" in run.stdout
