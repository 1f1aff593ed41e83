"""A running system, seen from outside: what `make run` promises while it runs."""

import os
import pwd
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from stack.ask import http_status
from stack.ports import free_port
from tests.stack.launcher import Launcher
from tests.support.processes import command_line

PARTS = ("bin/postgres", "weed", "postgrest", "api_extensions", "job_runner", "nginx")
PRIVATE = ("vetline.env", "sidecar.env", "jobs.env", "secrets.json", "lock")

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can change users")


@pytest.fixture(scope="module")
def running(launcher: Launcher) -> Iterator[Launcher]:
    """A system that is ready."""
    process = launcher.start_ready()
    yield launcher
    assert launcher.stop(process) == 0


def test_every_part_has_a_line_and_a_process(running: Launcher) -> None:
    lines = running.said().splitlines()
    for name in ("postgres", "migrate", "seed", "s3", "postgrest", "sidecar", "jobs"):
        assert any(line.split()[:2] == [name, "ready"] for line in lines)
    command_lines = [command_line(pid) for pid in running.parts()]
    for word in PARTS:
        assert any(word in line for line in command_lines), word


def test_the_gateway_reaches_the_sidecar_and_postgrest(running: Launcher) -> None:
    address = f"127.0.0.1:{running.port}"
    assert http_status(address, "/healthz") == 200
    assert http_status(address, "/rest/v1/") == 200


def test_a_second_start_on_the_run_directory_says_who_runs(running: Launcher) -> None:
    pid = (running.run_dir / "lock").read_text().strip()
    status, said = running.run(PORT=str(free_port()))
    assert status == 1
    assert said.startswith(f"Vetline is running already in {running.run_dir} ")
    assert f"process {pid}" in said


def test_a_taken_port_is_a_sentence(running: Launcher, tmp_path: Path) -> None:
    status, said = running.run(RUN_DIR=str(tmp_path / "other"))
    assert status == 1
    assert said.startswith(f"Port {running.port} is taken by another program")
    assert "Traceback" not in said
    assert not (tmp_path / "other" / "lock").exists()


def test_servers_listen_on_loopback_only(running: Launcher) -> None:
    pids = {str(pid) for pid in running.parts()}
    for name in ("tcp", "tcp6"):
        rows = Path(f"/proc/net/{name}").read_text().splitlines()[1:]
        listening = {r.split()[9]: r.split()[1] for r in rows if r.split()[3] == "0A"}
        for pid in pids:
            for descriptor in Path(f"/proc/{pid}/fd").iterdir():
                inode = str(descriptor.readlink()).removeprefix("socket:[").rstrip("]")
                address = listening.get(inode, "0100007F:0").split(":")[0]
                assert socket.inet_ntoa(bytes.fromhex(address)[::-1]) == "127.0.0.1"


def test_parts_inherit_nothing_but_their_lock_and_their_log(running: Launcher) -> None:
    for pid in running.parts():
        targets = [str(d.readlink()) for d in Path(f"/proc/{pid}/fd").iterdir()]
        ours = {Path(t).name for t in targets if t.startswith(f"{running.run_dir}/")}
        assert "parts.lock" in ours
        assert not ours & {"lock", "secrets.json", "vetline.env"}


def test_parts_see_nothing_of_the_environment_that_is_not_theirs(
    running: Launcher,
) -> None:
    for pid in running.parts():
        names = {
            variable.split(b"=")[0].decode()
            for variable in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        }
        assert not names & {"PORT", "RUN_DIR", "PYTEST_CURRENT_TEST"}


def test_what_is_secret_is_private(running: Launcher) -> None:
    for name in PRIVATE:
        status = (running.run_dir / name).stat()
        assert stat.S_IMODE(status.st_mode) == 0o600
        assert status.st_uid == os.geteuid()


def test_the_file_tells_how_to_reach_the_system(running: Launcher) -> None:
    values = running.values()
    assert values["API_URL"] == f"http://127.0.0.1:{running.port}"
    with psycopg.connect(values["DATABASE_URL"]) as connection:
        row = connection.execute("select current_user, session_user").fetchone()
    assert row == ("app_owner", "migrator")
    with psycopg.connect(values["DATABASE_URL"]) as connection:
        mobiles = {m for (m,) in connection.execute("select mobile from app.users")}
    assert {values["DEMO_ADMIN_MOBILE"], values["DEMO_USER_MOBILE"]} <= mobiles


def test_the_database_wants_the_right_password(running: Launcher) -> None:
    url = running.values()["DATABASE_URL"]
    with pytest.raises(psycopg.OperationalError, match="password authentication"):
        psycopg.connect(url, password="wrong").close()


def test_the_bucket_takes_and_gives_files(running: Launcher) -> None:
    file = running.bucket().Object("voice")
    file.put(Body="میو".encode())
    assert file.get()["Body"].read().decode() == "میو"


@needs_root
def test_every_part_runs_as_one_unprivileged_account(running: Launcher) -> None:
    owners = {Path(f"/proc/{pid}").stat().st_uid for pid in running.parts()}
    assert len(owners) == 1
    assert pwd.getpwuid(owners.pop()).pw_name in {"postgres", "nobody"}


@needs_root
def test_another_users_run_directory_is_a_sentence(
    running: Launcher, tmp_path: Path
) -> None:
    os.chown(tmp_path, pwd.getpwnam("nobody").pw_uid, -1)
    status, said = running.run(RUN_DIR=str(tmp_path), PORT=str(free_port()))
    assert status == 1
    assert said.startswith(f"The run directory {tmp_path} belongs to nobody")


def test_reset_is_refused_while_it_runs(running: Launcher) -> None:
    assert running.reset() == 1
    assert (running.run_dir / "secrets.json").exists()
