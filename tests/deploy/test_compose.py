"""docker-compose.yml is a compose file, names what there is, and gives little away."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from dotenv import dotenv_values

from api_extensions.settings import load_settings
from db.objects import ObjectStore
from stack.settings import ROOT
from tests.deploy import compose
from tests.deploy.compose import services
from tests.support.database import Database, rows

# What the operator must fill in, as a person would.
FILLED = {
    name: f"{number:02}Kv8q2Zr5Tn1Xw7Lc4Bm9Jd6Hf3Gs0Py"
    for number, name in enumerate(sorted(compose.variables()))
} | {
    "PUBLIC_BASE_URL": "https://api.vetline.test",
    "S3_ENDPOINT": "https://files.vetline.test",
    "ZARINPAL_MERCHANT_ID": "11111111-2222-4333-8444-555555555555",
    "SMS_PROVIDER": "kavenegar",
}
# Names of .env.example that compose decides itself.
DECIDED = {"ENVIRONMENT", "DATABASE_URL", "SIDECAR_LISTEN", "METRICS_LISTEN",
           "LOCAL_STORAGE", "MOCK_GATEWAY"}  # fmt: skip


def test_it_is_valid_by_the_specification() -> None:
    command = [Path(sys.executable).with_name("check-jsonschema")]
    schema = ["--builtin-schema", "vendor.compose-spec"]
    subprocess.run([*command, *schema, compose.COMPOSE], check=True)


def test_its_variables_are_those_of_the_example() -> None:
    example = set(dotenv_values(ROOT / ".env.example"))
    assert set(compose.variables()) == example - DECIDED


def test_every_setting_reaches_the_sidecar() -> None:
    example = set(dotenv_values(ROOT / ".env.example"))
    read = set().union(
        *(service.get("environment", {}) for service in services().values())
    )
    host_only = {"GATEWAY_PORT", "S3_PORT", "VETLINE_VERSION"}
    assert example - host_only <= read


def test_a_filled_in_example_is_a_sound_production(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    required = {
        name: FILLED[name] for name, must in compose.variables().items() if must
    }
    for service in ("sidecar", "worker"):
        with monkeypatch.context() as patch:
            for name, value in compose.environment_of(service, required).items():
                patch.setenv(name, value)
            settings = load_settings()
        assert settings.environment == "production"
        assert settings.cookie_secure
        assert settings.db_pool_size == 10


class Remembering(dict[str, str]):
    """An environment that knows what was read of it."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.read.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        """Return a value, as a dict does."""
        self.read.add(name)
        return super().get(name, default)


def test_a_backup_is_of_the_store_that_the_sidecar_fills() -> None:
    sidecar = Remembering(compose.environment_of("sidecar", FILLED))
    assert ObjectStore.from_environment(sidecar)
    tools = compose.environment_of("tools", FILLED)
    assert {name: tools.get(name) for name in sidecar.read} == {
        name: sidecar[name] for name in set(sidecar.read)
    }
    assert {"S3_REGION", "S3_ADDRESSING"} < sidecar.read
    networks = services()["tools"]["networks"]
    assert set(services()["sidecar"]["networks"]) <= set(networks)


def test_the_s3_server_takes_its_options_and_writes_json(tmp_path: Path) -> None:
    """The packaged one is of the image's version; it ends, for want of a directory."""
    service = services()["s3"]
    (version,) = re.findall(r"seaweedfs:([\d.]+)$", service["image"])
    weed = Path(sys.executable).with_name("weed")
    told = subprocess.run([weed, "version"], check=True, capture_output=True, text=True)
    assert f" {version} " in told.stdout
    options = [*service["entrypoint"][1:], *service["command"]]
    moved = [f"-dir={tmp_path}/none" if o == "-dir=/data" else o for o in options]
    ended = subprocess.run(
        [weed, *moved], check=False, capture_output=True, text=True, timeout=30
    )
    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    assert lines[-1]["level"] == "FATAL"


def test_what_a_step_prints_becomes_json() -> None:
    steps = {n: s for n, s in services().items() if s.get("restart") == "no"}
    del steps["tools"]  # for a person
    assert len(steps) == 6
    for name, step in steps.items():
        reader = ["python", "-S", "-m", "stack.json_log", name]
        assert step["command"] == [*reader, *compose.program(name)]


@pytest.mark.parametrize(
    "dockerfile", compose.dockerfiles(), ids=lambda path: path.stem
)
def test_what_a_dockerfile_copies_is_there_and_not_ignored(dockerfile: Path) -> None:
    assert dockerfile.is_file()
    kept = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines()
        if line.startswith("!")
    }
    for source, _ in compose.copied(dockerfile):
        assert (ROOT / source).exists(), source
        assert source in kept, source


def test_what_is_mounted_from_the_checkout_is_there() -> None:
    for name, service in services().items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("./") and name != "tools":  # which makes it
                assert (ROOT / source).is_file(), source
            elif not source.startswith("./"):
                assert source in compose.load()["volumes"]


def test_every_image_has_a_version() -> None:
    images = [s["image"] for s in services().values() if "build" not in s]
    for dockerfile in compose.dockerfiles():
        begun = [text.split() for text in compose.instructions(dockerfile, "FROM")]
        stages = {words[-1] for words in begun if len(words) > 1}
        copies = compose.instructions(dockerfile, "COPY")
        named = [words[0] for words in begun] + [
            text.split()[0].removeprefix("--from=")
            for text in copies
            if text.startswith("--from=")
        ]
        images += [name for name in named if name not in stages]
    assert "postgrest/postgrest:v14.17" in images
    for image in images:
        _, _, tag = image.partition(":")
        assert any(character.isdigit() for character in tag), image


@pytest.mark.parametrize("name", services())
def test_a_service_may_do_little(name: str) -> None:
    service = services()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", services())
def test_a_service_is_not_root(name: str) -> None:
    service = services()[name]
    if "build" in service:
        users = list(
            compose.instructions(ROOT / service["build"]["dockerfile"], "USER")
        )
        assert users
        assert not {"root", "0", "0:0"} & set(users)
    # PostgREST's image names its own user; `tools` writes where the operator does.
    assert service.get("user") != "0:0" or name == "tools"


@pytest.mark.parametrize("name", services())
def test_it_waits_for_what_can_be_waited_for(name: str) -> None:
    for needed, how in services()[name].get("depends_on", {}).items():
        other = services()[needed]
        if how["condition"] == "service_healthy":
            assert "healthcheck" in other
        else:
            assert how["condition"] == "service_completed_successfully"
            assert other["restart"] == "no"


def test_only_the_gateway_and_the_files_are_reached_from_outside() -> None:
    published = {name for name, service in services().items() if "ports" in service}
    assert published == {"gateway", "s3"}
    for name in published:
        assert all(port.startswith("127.0.0.1:") for port in services()[name]["ports"])


def test_the_stateless_parts_run_twice() -> None:
    for name in ("postgrest", "sidecar"):
        assert services()[name]["deploy"]["replicas"] == 2


def test_postgresql_knows_its_settings(shared_db: Database) -> None:
    named = {
        option.removeprefix("--").partition("=")[0]
        for option in services()["db"]["command"][1:]
    }
    with shared_db.connect() as conn:
        conn.execute("set local role none")  # the superuser sees all of them
        names = rows(conn, "select lower(name) as name from pg_settings")
    known = {row["name"] for row in names}
    assert {name for name in named - known if not name.startswith("cron.")} == set()


def test_the_s3_server_gets_exactly_one_key() -> None:
    text = compose.load()["configs"]["s3-identities"]["content"]
    (identity,) = json.loads(compose.interpolated(text, FILLED))["identities"]
    (key,) = identity["credentials"]
    assert key["accessKey"] == FILLED["S3_ACCESS_KEY"]
