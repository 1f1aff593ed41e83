"""What a developer may set, in the environment or in `.env`, and the defaults."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from stack.errors import StackError

ROOT = Path(__file__).resolve().parent.parent

# Settings of the system (see .env.example) that reach the parts as they are.
PASSED_ON = (
    "ACCESS_TTL",
    "COOKIE_SECURE",
    "CORS_ORIGINS",
    "DB_POOL_SIZE",
    "GATEWAY_TIMEOUT",
    "JWT_ACCESS_SECRET_PREVIOUS",
    "LOG_LEVEL",
    "METRICS_LISTEN",
    "MOCK_GATEWAY",
    "ODD_WEEK_DAYS",
    "PAYMENT_RESULT_URL",
    "PUBLIC_BASE_URL",
    "RECONCILE_INTERVAL",
    "REFRESH_TTL",
    "RUN_WORKERS",
    "S3_MAX_IN_FLIGHT",
    "S3_TIMEOUT",
    "SLOT_END_HOUR",
    "SLOT_HOLD_MINS",
    "SLOT_INTERVAL",
    "SLOT_START_HOUR",
    "SMS_API_KEY",
    "SMS_BASE_URL",
    "SMS_MAX_IN_FLIGHT",
    "SMS_PROVIDER",
    "SMS_SENDER",
    "SMS_TIMEOUT",
    "SMS_UNKNOWN",
    "SPECIALIST_PRICE_TOMAN",
    "STREAMS_PER_USER",
    "ZARINPAL_BASE_URL",
    "ZARINPAL_MERCHANT_ID",
)
# With LOCAL_STORAGE=false: where the files are instead, and what must be said of it.
STORAGE = (
    "S3_ACCESS_KEY",
    "S3_ADDRESSING",
    "S3_BUCKET",
    "S3_ENDPOINT",
    "S3_PUBLIC_ENDPOINT",
    "S3_REGION",
    "S3_SECRET_KEY",
)
_NEEDED = ("S3_ENDPOINT", "S3_BUCKET", "S3_ACCESS_KEY", "S3_SECRET_KEY")
# A shell's own TZ is where the developer lives, not where the clinic is.
FROM_FILE_ONLY = ("TZ",)
# The gateway listens as an unprivileged account.
_PORTS = range(1024, 65536)
_REPLICAS = range(1, 10)


@dataclass(frozen=True)
class Settings:
    """How this run was asked to be.

    Attributes:
        run_dir: holds the data and everything else that a run leaves behind.
        port: of the gateway, on 127.0.0.1.
        system: settings of the system itself, by their name in `.env.example`.
        storage: leads to an S3 server that is not ours to start; None starts one.
        has_fake_zarinpal: a bank of ours stands for Zarinpal, and the mock is off.
        replicas: how many PostgRESTs, and how many sidecars, share the work.
        restarts: a server that ends is started again, as an orchestrator does it.
    """

    run_dir: Path
    port: int
    system: Mapping[str, str]
    storage: Mapping[str, str] | None = None
    has_fake_zarinpal: bool = False
    replicas: int = 1
    restarts: bool = False

    @property
    def base_url(self) -> str:
        """The address under which people reach the gateway."""
        return self.system["PUBLIC_BASE_URL"]


def read_settings() -> Settings:
    """Read the environment, then `.env`, then fill in what a development run needs.

    Raises:
        StackError: a value makes no sense.
    """
    file = {
        name: value for name, value in dotenv_values(ROOT / ".env").items() if value
    }
    set_here = {name: value for name, value in os.environ.items() if value}
    given = file | set_here
    port = _number("PORT", os.environ.get("PORT") or "8080", _PORTS)
    system = {
        "ENVIRONMENT": "development",
        "TZ": "Asia/Tehran",
        "JWT_AUDIENCE": "vetline",
        "MOCK_GATEWAY": "true",
        "SMS_PROVIDER": "console",
        "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
        "CORS_ORIGINS": f"http://localhost:{port}",
    }
    system |= {name: given[name] for name in PASSED_ON if name in given}
    system |= {name: file[name] for name in FROM_FILE_ONLY if name in file}
    _require_address("PUBLIC_BASE_URL", system["PUBLIC_BASE_URL"])
    run_dir = ROOT / Path(os.environ.get("RUN_DIR") or ".run").expanduser()
    return Settings(
        run_dir,
        port,
        system,
        storage=_storage(given),
        has_fake_zarinpal=_is("ZARINPAL", "fake"),
        replicas=_number("REPLICAS", os.environ.get("REPLICAS") or "1", _REPLICAS),
        restarts=_is("RESTART", "always"),
    )


def _storage(given: Mapping[str, str]) -> Mapping[str, str] | None:
    """Read where the files are, if it is not in a server that the run starts."""
    is_local = given.get("LOCAL_STORAGE", "true").lower()
    if is_local not in {"true", "false"}:
        raise StackError(f"LOCAL_STORAGE is {is_local!r}: it must be true or false")
    if is_local == "true":
        return None
    missing = [name for name in _NEEDED if name not in given]
    if missing:
        raise StackError(f"{missing[0]} is not set, and LOCAL_STORAGE=false needs it")
    return {name: given[name] for name in STORAGE if name in given}


def _require_address(name: str, text: str) -> None:
    """Refuse what PostgREST, which starts before the sidecar, does not name."""
    try:
        url = urlsplit(text)
        is_address = url.scheme in {"http", "https"} and bool(url.hostname)
    except ValueError:
        is_address = False
    if not is_address:
        raise StackError(
            f"{name} is {text!r}: it must be an absolute http or https address"
        )


def _is(name: str, word: str) -> bool:
    """Read a setting that like PORT belongs on the command line."""
    text = os.environ.get(name, "")
    if text in {"", word}:
        return text == word
    raise StackError(f"{name} is {text!r}: it can only be {word!r}, or not set")


def _number(name: str, text: str, allowed: range) -> int:
    if text.isdecimal() and int(text) in allowed:
        return int(text)
    raise StackError(
        f"{name} is {text!r}: it must be a number from {allowed[0]} to {allowed[-1]}"
    )
