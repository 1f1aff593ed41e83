"""What can be set, and what `.env.example` says of it."""

from pathlib import Path

import pytest
from dotenv import dotenv_values

from api_extensions.settings import Settings
from stack import settings as module
from stack.errors import StackError
from stack.settings import FROM_FILE_ONLY, PASSED_ON, ROOT, STORAGE, read_settings

# What a run decides by itself, because it starts the servers that these name.
COMMAND_LINE = ("ZARINPAL", "REPLICAS", "RESTART")
# Where the files are, and who has to say so.
FILES = ("LOCAL_STORAGE", *STORAGE)
DECIDED = {
    "DATABASE_URL",
    "ENVIRONMENT",
    "JWT_ACCESS_SECRET",
    "JWT_AUDIENCE",
    "JWT_REFRESH_SECRET",
    "SIDECAR_LISTEN",
}
# What only docker-compose.yml reads (tests/deploy compares).
COMPOSE = {
    "AUTHENTICATOR_PASSWORD",
    "GATEWAY_PORT",
    "JOB_RUNNER_PASSWORD",
    "MIGRATOR_PASSWORD",
    "POSTGRES_PASSWORD",
    "S3_PORT",
    "SIDECAR_PASSWORD",
    "TRUSTED_PROXIES",
    "VETLINE_VERSION",
}


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout without `.env`, and an environment in which nothing is set."""
    monkeypatch.setattr(module, "ROOT", tmp_path)
    others = ("PORT", "RUN_DIR", *COMMAND_LINE, *FILES)
    for name in (*PASSED_ON, *FROM_FILE_ONLY, *others):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_the_example_names_every_setting_and_no_other() -> None:
    example = set(dotenv_values(ROOT / ".env.example"))
    read = {*PASSED_ON, *FROM_FILE_ONLY, *FILES}
    assert example == DECIDED | COMPOSE | read


def test_nothing_need_be_set(checkout: Path) -> None:
    settings = read_settings()
    assert settings.run_dir == checkout / ".run"
    assert settings.port == 8080
    assert settings.base_url == "http://127.0.0.1:8080"
    assert settings.system["ENVIRONMENT"] == "development"


def test_the_environment_wins_over_the_file_and_the_file_over_defaults(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkout / ".env").write_text("SMS_PROVIDER=smsir\nSLOT_INTERVAL=20\nTZ=\n")
    monkeypatch.setenv("SMS_PROVIDER", "kavenegar")
    system = read_settings().system
    assert system["SMS_PROVIDER"] == "kavenegar"
    assert system["SLOT_INTERVAL"] == "20"
    assert system["TZ"] == "Asia/Tehran"


def test_the_shells_time_zone_is_not_the_clinics(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    assert read_settings().system["TZ"] == "Asia/Tehran"
    (checkout / ".env").write_text("TZ=Asia/Dubai\n")
    assert read_settings().system["TZ"] == "Asia/Dubai"


def test_the_port_moves_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9000")
    assert read_settings().base_url == "http://127.0.0.1:9000"


@pytest.mark.parametrize("address", ["vet.example", "/vet", "ftp://vet", "http://["])
def test_an_address_that_is_none_is_a_sentence(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_BASE_URL", address)
    with pytest.raises(StackError, match=r"^PUBLIC_BASE_URL is .*: it must be an abs"):
        read_settings()


@pytest.mark.parametrize("port", ["web", "80", "0", "65536", "-1"])
def test_a_nonsensical_port_is_a_sentence(
    port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", port)
    with pytest.raises(StackError, match=r"PORT is .*: it must be a number from 1024"):
        read_settings()


def test_the_example_names_what_the_sidecar_reads() -> None:
    example = set(dotenv_values(ROOT / ".env.example"))
    for_tests = {"SETTLE_FAULT"}
    assert {name.upper() for name in Settings.model_fields} - for_tests <= example


@pytest.mark.parametrize(("text", "is_fake"), [("", False), ("fake", True)])
def test_the_bank_may_be_a_fake(
    text: str, is_fake: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZARINPAL", text)
    assert read_settings().has_fake_zarinpal is is_fake


def test_another_bank_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZARINPAL", "real")
    with pytest.raises(StackError, match="ZARINPAL is 'real': it can only be 'fake'"):
        read_settings()


@pytest.mark.parametrize("number", ["0", "10", "two"])
def test_a_nonsensical_number_of_replicas_is_a_sentence(
    number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPLICAS", number)
    with pytest.raises(StackError, match=r"REPLICAS is .* a number from 1 to 9"):
        read_settings()


def test_there_may_be_replicas_that_are_started_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert (read_settings().replicas, read_settings().restarts) == (1, False)
    monkeypatch.setenv("REPLICAS", "2")
    monkeypatch.setenv("RESTART", "always")
    assert (read_settings().replicas, read_settings().restarts) == (2, True)


def test_the_files_may_be_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = {
        "S3_ENDPOINT": "https://account.r2.example",
        "S3_BUCKET": "clinic",
        "S3_ACCESS_KEY": "key",
        "S3_SECRET_KEY": "secret",
        "S3_REGION": "auto",
        "S3_ADDRESSING": "virtual",
    }
    for name, text in elsewhere.items():
        monkeypatch.setenv(name, text)
    assert read_settings().storage is None
    monkeypatch.setenv("LOCAL_STORAGE", "false")
    assert read_settings().storage == elsewhere


def test_files_that_are_nowhere_are_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_STORAGE", "no")
    with pytest.raises(StackError, match="LOCAL_STORAGE is 'no'"):
        read_settings()
    monkeypatch.setenv("LOCAL_STORAGE", "false")
    with pytest.raises(StackError, match="S3_ENDPOINT is not set"):
        read_settings()
