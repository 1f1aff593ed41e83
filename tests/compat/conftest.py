"""The oldest PostgreSQL that we support, as Debian packages it, with pg_cron."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from db.tools import source
from db.tools.paths import ROOT
from db.tools.scratch import ScratchServer, scratch_server
from tests.support.database import Database

_HOME = Path("/usr/lib/postgresql/15")
_MISSING = "{} is not installed: as root, apt-get install {} (.ci/run does)"
_CRON = {
    "shared_preload_libraries": "pg_cron",
    "cron.use_background_workers": "on",
}


@pytest.fixture(scope="session")
def postgres_15() -> Path:
    """Where its programs are; skips the test when they are not."""
    if not (_HOME / "bin" / "postgres").is_file():
        pytest.skip(_MISSING.format("PostgreSQL 15", "postgresql-15"))
    return _HOME / "bin"


@pytest.fixture(scope="module")
def cron_server(postgres_15: Path) -> Iterator[ScratchServer]:
    """A PostgreSQL 15 that runs pg_cron, prepared for the job runner's role."""
    if not (_HOME / "lib" / "pg_cron.so").is_file():
        pytest.skip(_MISSING.format("pg_cron", "postgresql-15-cron"))
    with scratch_server(postgres_15, _CRON) as server:
        with psycopg.connect(server.cluster.admin_url()) as conn:
            conn.execute((ROOT / "db" / "cron.sql").read_bytes())
        yield server


@pytest.fixture
def cron_db(cron_server: ScratchServer) -> Iterator[Database]:
    """A database of ours beside pg_cron's; no jobs are registered for it."""
    with cron_server.database("vetline") as name:
        with psycopg.connect(cron_server.url(name)) as conn:
            source.load(conn)
        yield Database(cron_server, name)
        with psycopg.connect(cron_server.cluster.admin_url()) as conn:
            conn.execute("delete from cron.job")
