"""PostgreSQL clusters."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from db.cluster import Cluster, ClusterError, installed_bindir, throwaway_cluster
from stack.account import unprivileged_account
from stack.ports import free_port
from stack.process import start_process, stop_process

DEBIAN = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture
def home(short_path: Path) -> Path:
    """A directory for one cluster."""
    return Path(tempfile.mkdtemp(dir=short_path))


@contextmanager
def cluster_in(home: Path, **settings: str) -> Iterator[Cluster]:
    """Describe a cluster below `home`, and stop it if the test has started it."""
    account = unprivileged_account()
    if account:
        account.own(home)
    cluster = Cluster(
        data=home / "data",
        sockets=home,
        bindir=installed_bindir(account),
        port=free_port(),
        password=secrets.token_urlsafe(),
        account=account,
        settings={"fsync": "off", **settings},
    )
    try:
        yield cluster
    finally:
        cluster.stop()


def test_what_a_killed_initdb_left_is_not_taken_for_data(home: Path) -> None:
    (home / "data.new").mkdir()
    (home / "data.new" / "PG_VERSION").write_text("18")
    with cluster_in(home) as cluster:
        cluster.initialize()
        assert not (home / "data.new").exists()
        cluster.start(home / "log")
        with psycopg.connect(cluster.admin_url()) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        cluster.initialize()  # does not touch a running one
        assert cluster.is_ready()


def test_the_lock_of_a_killed_server_is_not_taken_for_a_live_one(home: Path) -> None:
    """Whose number another process has; a living server keeps its lock."""
    with cluster_in(home) as cluster:
        cluster.initialize()
        lock = cluster.data / "postmaster.pid"
        with (home / "log").open("ab") as log:
            other = start_process(["sleep", "600"], log=log, account=cluster.account)
        lock.write_text(f"{other.pid}\n{cluster.data}\n")
        with pytest.raises(ClusterError, match="already exists"):
            cluster.start(home / "log")
        cluster.forget_the_dead()
        cluster.start(home / "log")
        stop_process(other)
        cluster.forget_the_dead()
        assert lock.exists()


def test_a_number_that_anothers_process_has_is_not_a_server_of_ours(home: Path) -> None:
    """As after a restart of the machine, for who is not root."""
    with cluster_in(home) as cluster:
        lock = cluster.data / "postmaster.pid"
        cluster.data.mkdir()
        lock.write_text("1\n")
        if cluster.account is None:
            cluster.forget_the_dead()
        else:
            cluster.account.own(cluster.data)
            os.seteuid(cluster.account.uid)
            try:
                cluster.forget_the_dead()
            finally:
                os.seteuid(0)
        assert not lock.exists()


def test_a_server_that_refuses_to_start_says_why(home: Path) -> None:
    with cluster_in(home, max_connections="none") as cluster:
        cluster.initialize()
        with pytest.raises(
            ClusterError, match=r'invalid value for .*"max_connections"'
        ):
            cluster.start(home / "log")


def test_every_way_in_wants_the_password() -> None:
    with throwaway_cluster() as cluster:
        for over_socket in (False, True):
            name, password = "postgres", cluster.password
            url = cluster.url(name, password, "postgres", over_socket=over_socket)
            psycopg.connect(url).close()
            wrong = cluster.url(name, "wrong", "postgres", over_socket=over_socket)
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(wrong).close()


def test_parameters_of_statements_stay_out_of_the_log() -> None:
    with throwaway_cluster() as cluster:
        with psycopg.connect(cluster.admin_url(), autocommit=True) as connection:
            connection.execute("set log_min_duration_statement = 0")
            with pytest.raises(psycopg.errors.DivisionByZero):
                connection.execute(
                    "select %s::text, 1 / %s::int", ["a person's secret", 0]
                )
        log = (cluster.data.parent / "log").read_text()
    assert "division by zero" in log
    assert "a person's secret" not in log


def test_nothing_is_left_of_a_throwaway_cluster() -> None:
    with throwaway_cluster() as cluster:
        home = cluster.data.parent
        assert home.is_dir()
    assert not home.exists()
    assert not cluster.is_ready()


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="Debian's PostgreSQL 15 is not here")
def test_other_binaries_serve_as_well() -> None:
    with (
        throwaway_cluster(DEBIAN) as cluster,
        psycopg.connect(cluster.admin_url()) as connection,
    ):
        row = connection.execute("show server_version_num").fetchone()
        assert row
        assert row[0].startswith("15")
        letters = connection.execute("select 'پ' ~ '[[:alpha:]]'").fetchone()
        assert letters == (True,)


def test_without_room_in_memory_processes_share_files(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container often has 64 MB of /dev/shm; one query may need more."""
    monkeypatch.setattr("db.cluster._SHM_BYTES", 1 << 60)
    with cluster_in(home) as cluster:
        cluster.initialize()
        cluster.start(home / "log")
        with psycopg.connect(cluster.admin_url()) as connection:
            shown = connection.execute("show dynamic_shared_memory_type").fetchone()
    assert shown == ("mmap",)
