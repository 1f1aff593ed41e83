"""The sidecar's configuration: read once from the environment, refused when unsound."""

import re
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict
from yarl import URL

from api_extensions.durations import parse_duration
from api_extensions.payments.faults import FaultPoint
from api_extensions.production import refuse_in_production

# The shortest key that HS256 and PostgREST take.
MIN_SECRET_LENGTH = 32
# Well inside a worker's lease on a message (sms/outcomes.py): nobody else sends it.
MAX_SMS_TIMEOUT = timedelta(seconds=20)

# The form that Zarinpal's own SDKs ask for.
_MERCHANT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MAX_GATEWAY_TIMEOUT = timedelta(seconds=7)
# Several requests fit into what a registration may take (files/registration.py).
MAX_S3_TIMEOUT = timedelta(seconds=10)

Duration = Annotated[timedelta, BeforeValidator(parse_duration)]


class SettingsError(Exception):
    """The configuration can't be used; the text names each setting and its fault."""


class Environment(StrEnum):
    """Where the sidecar runs; production is the stricter one, and the default."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class UnknownPolicy(StrEnum):
    """What to do with an SMS that may have been sent, where it can't be found out.

    RETRY: nobody misses a message, and some get it twice. FAIL: the other way round.
    """

    RETRY = "retry"
    FAIL = "fail"


class Addressing(StrEnum):
    """Where a bucket's name goes: the address's path, or the host's first label."""

    PATH = "path"
    VIRTUAL = "virtual"


class DatabaseSettings(BaseSettings):
    """The one setting that a command line tool needs."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=False,
    )

    database_url: SecretStr


class Settings(DatabaseSettings):
    """Everything the sidecar reads from its environment (names in upper case)."""

    environment: Environment = Environment.PRODUCTION
    log_level: str = "INFO"
    sidecar_listen: str = "127.0.0.1:8081"
    metrics_listen: str | None = None
    run_workers: bool = True
    db_pool_size: int = Field(default=10, ge=1, le=200)

    jwt_access_secret: SecretStr
    jwt_access_secret_previous: SecretStr | None = None
    jwt_refresh_secret: SecretStr
    jwt_audience: str = "vetline"
    access_ttl: Duration = timedelta(minutes=15)
    refresh_ttl: Duration = timedelta(days=30)

    public_base_url: str
    # The gateway allows them; they are read here to refuse what can't be one.
    cors_origins: str = ""
    payment_result_url: str | None = None
    # The defaults of the next two depend on other settings: see `_fill_defaults`.
    cookie_secure: bool
    mock_gateway: bool
    zarinpal_merchant_id: SecretStr | None = None
    zarinpal_base_url: str = "https://payment.zarinpal.com"
    # One question to a gateway; a settlement puts up to six within its lease.
    gateway_timeout: Duration = timedelta(seconds=6)
    reconcile_interval: Duration = timedelta(minutes=1)
    # For tests alone: where settling a payment dies.
    settle_fault: FaultPoint | None = None

    sms_provider: str = "console"
    sms_api_key: SecretStr | None = None
    sms_sender: str | None = None
    sms_base_url: str | None = None
    sms_timeout: Duration = timedelta(seconds=10)
    sms_unknown: UnknownPolicy = UnknownPolicy.RETRY
    sms_max_in_flight: int = Field(default=8, ge=1, le=500)
    streams_per_user: int = Field(default=20, ge=1)

    s3_endpoint: str
    # Where clients reach it, if that is another address.
    s3_public_endpoint: str | None = None
    s3_bucket: str
    s3_region: str = "us-east-1"
    s3_addressing: Addressing = Addressing.PATH
    s3_access_key: SecretStr
    s3_secret_key: SecretStr
    # Until its answer begins, and between two pieces of it.
    s3_timeout: Duration = timedelta(seconds=5)
    s3_max_in_flight: int = Field(default=8, ge=1, le=100)

    @model_validator(mode="before")
    @classmethod
    def _fill_defaults(cls, values: dict[str, Any]) -> dict[str, Any]:
        is_https = str(values.get("public_base_url", "")).startswith("https://")
        is_development = values.get("environment") == Environment.DEVELOPMENT
        return {"cookie_secure": is_https, "mock_gateway": is_development} | values

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.lower() not in {"debug", "info", "warning", "error"}:
            raise ValueError("must be debug, info, warning or error")
        return value.upper()

    @field_validator("sidecar_listen")
    @classmethod
    def _listenable(cls, value: str) -> str:
        if not value.startswith("unix:/") and not _is_address(value):
            raise ValueError("must be unix:/path or host:port")
        return value

    @field_validator("metrics_listen")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value and not _is_address(value):
            raise ValueError("must be host:port")
        return value

    @field_validator(
        "public_base_url",
        "payment_result_url",
        "zarinpal_base_url",
        "sms_base_url",
        "s3_endpoint",
        "s3_public_endpoint",
    )
    @classmethod
    def _absolute_url(cls, value: str | None) -> str | None:
        url = URL(value) if value else None
        if url and (url.scheme not in {"http", "https"} or not url.host):
            raise ValueError("must be an absolute http or https address")
        return value.rstrip("/") if value else None

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, value: str) -> str:
        if not all(_is_origin(word) for word in value.split()):
            raise ValueError("must be origins like https://app.example.com")
        return value

    @field_validator(
        "jwt_access_secret", "jwt_access_secret_previous", "jwt_refresh_secret"
    )
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value and len(value.get_secret_value().encode()) < MIN_SECRET_LENGTH:
            raise ValueError(f"must be at least {MIN_SECRET_LENGTH} characters long")
        return value

    @field_validator("sms_timeout")
    @classmethod
    def _within_the_lease(cls, value: timedelta) -> timedelta:
        if value > MAX_SMS_TIMEOUT:
            raise ValueError("must be at most 20s")
        return value

    @field_validator("s3_timeout")
    @classmethod
    def _prompt(cls, value: timedelta) -> timedelta:
        if value > MAX_S3_TIMEOUT:
            raise ValueError(f"must be at most {MAX_S3_TIMEOUT.seconds}s")
        return value

    @field_validator("zarinpal_merchant_id")
    @classmethod
    def _merchant_id(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not _MERCHANT_ID.fullmatch(value.get_secret_value()):
            raise ValueError("must be a UUID in lower case")
        return value

    @field_validator("gateway_timeout")
    @classmethod
    def _patient(cls, value: timedelta) -> timedelta:
        if value > MAX_GATEWAY_TIMEOUT:
            raise ValueError(f"must be at most {MAX_GATEWAY_TIMEOUT.seconds}s")
        return value

    @model_validator(mode="after")
    def _sound_together(self) -> Self:
        if self.jwt_access_secret == self.jwt_refresh_secret:
            raise ValueError("JWT_REFRESH_SECRET must differ from JWT_ACCESS_SECRET")
        if self.access_ttl >= self.refresh_ttl:
            raise ValueError("ACCESS_TTL must be shorter than REFRESH_TTL")
        if self.environment is Environment.PRODUCTION:
            refuse_in_production(self)
        return self

    @property
    def socket_path(self) -> Path | None:
        """The unix socket to listen on, or None when it is an address."""
        prefix, _, path = self.sidecar_listen.partition(":")
        return Path(path) if prefix == "unix" else None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port to listen on; only without a `socket_path`."""
        return _split(self.sidecar_listen)

    @property
    def metrics_address(self) -> tuple[str, int] | None:
        """Where a worker of its own shows its metrics; None is nowhere."""
        return _split(self.metrics_listen) if self.metrics_listen else None


def _is_address(text: str) -> bool:
    host, _, port = text.rpartition(":")
    return bool(host) and port.isdecimal() and 0 < int(port) < 2**16


def _is_origin(text: str) -> bool:
    """Tell whether a browser could send this as Origin."""
    try:
        return str(URL(text).origin()) == text and text.startswith("http")
    except ValueError:
        return False


def _split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


S = TypeVar("S", bound=DatabaseSettings)


def load_settings() -> Settings:
    """Read the environment.

    Raises:
        SettingsError: with one sentence for each setting that is missing or unsound.
    """
    return _load(Settings)


def load_database_settings() -> DatabaseSettings:
    """Read only DATABASE_URL, for command line tools.

    Raises:
        SettingsError: when it is missing.
    """
    return _load(DatabaseSettings)


def _load(kind: type[S]) -> S:
    try:
        return kind()
    except ValidationError as error:
        sentences = [_sentence(problem) for problem in error.errors()]
        raise SettingsError(" ".join(sentences)) from None


def _sentence(problem: ErrorDetails) -> str:
    """Name the setting in a sentence, without its value, which may be a secret."""
    name = "".join(str(part).upper() for part in problem["loc"])
    if problem["type"] == "missing":
        return f"{name} is not set."
    text = problem["msg"].removeprefix("Value error, ")
    text = text.replace("Input should", "should", 1)
    return f"{name} {text}.".lstrip()
