"""The HTTP surface, as far as it goes without a database."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from api_extensions import db
from api_extensions.app import MAX_BODY, create_app
from api_extensions.payments.registry import build_gateways
from api_extensions.settings import Settings, SettingsError
from api_extensions.sms.registry import build_provider
from tests.extensions.conftest import PRODUCTION, Load

JSON = {"Content-Type": "application/json"}


@dataclass
class Reply:
    """An answer: status, headers, and the body as JSON."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def code(self) -> str:
        """The error's code."""
        code: str = self.body["error"]["code"]
        return code


def call(
    settings: Settings,
    method: str,
    path: str,
    data: str | None = None,
    headers: Mapping[str, str] = JSON,
) -> Reply:
    """Start the sidecar, send one request, stop it."""

    async def play() -> Reply:
        server = TestServer(create_app(settings))
        async with (
            TestClient(server) as client,
            client.request(method, path, data=data, headers=headers) as answer,
        ):
            return Reply(answer.status, answer.headers, await answer.json())

    return asyncio.run(play())


@pytest.fixture
def quiet(load: Load, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings without workers, and no patience with the missing database."""
    monkeypatch.setattr(db, "POOL_TIMEOUT", 0.05)
    return load(RUN_WORKERS="false")


def test_it_is_alive_without_a_database_and_not_ready(quiet: Settings) -> None:
    assert call(quiet, "GET", "/healthz").status == 200
    reply = call(quiet, "GET", "/readyz")
    assert (reply.status, reply.code) == (503, "UNAVAILABLE")
    assert reply.headers["Retry-After"]


def test_a_request_without_a_database_is_unavailable(quiet: Settings) -> None:
    body = '{"mobile": "09121234567", "password": "x"}'
    reply = call(quiet, "POST", "/api/v1/auth/login", body)
    assert (reply.status, reply.code) == (503, "UNAVAILABLE")


@pytest.mark.parametrize(
    ("method", "path", "data", "refusal"),
    [
        ("GET", "/api/v1/nothing", None, (404, "NOT_FOUND")),
        ("GET", "/api/v1/auth/login", None, (405, "METHOD_NOT_ALLOWED")),
        ("POST", "/api/v1/auth/login", "{", (400, "INVALID_JSON")),
        ("POST", "/api/v1/auth/login", '{"mobile": "\\ud800"}', (400, "INVALID_JSON")),
        ("POST", "/api/v1/auth/login", "[]", (422, "VALIDATION_FAILED")),
        ("POST", "/api/v1/auth/login", "x" * MAX_BODY * 2, (413, "PAYLOAD_TOO_LARGE")),
        ("POST", "/api/v1/auth/refresh", None, (401, "UNAUTHENTICATED")),
        ("POST", "/api/v1/auth/logout", None, (401, "UNAUTHENTICATED")),
        ("POST", "/api/v1/auth/change-password", "{}", (401, "UNAUTHENTICATED")),
        ("POST", "/api/v1/payments/initiate", "{}", (401, "UNAUTHENTICATED")),
        ("GET", "/api/v1/payments/mock/1", None, (422, "VALIDATION_FAILED")),
    ],
)
def test_every_refusal_has_the_envelope(
    quiet: Settings,
    method: str,
    path: str,
    data: str | None,
    refusal: tuple[int, str],
) -> None:
    reply = call(quiet, method, path, data)
    assert (reply.status, reply.code) == refusal
    assert reply.body["ok"] is False
    assert reply.headers["Cache-Control"] == "no-store"


def test_looking_ahead_with_head_settles_nothing(quiet: Settings) -> None:
    assert call(quiet, "HEAD", "/api/v1/payments/callback/zarinpal").status == 405


def test_a_form_is_no_json(quiet: Settings) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = call(quiet, "POST", "/api/v1/auth/login", "mobile=1", form)
    assert (reply.status, reply.code) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_refusal_names_every_field_in_camel_case(quiet: Settings) -> None:
    body = '{"mobile": 9121234567, "nickname": "x"}'
    reply = call(quiet, "POST", "/api/v1/auth/register", body)
    assert reply.status == 422
    assert reply.body["error"]["details"]["fields"] == {
        "name": "is missing",
        "mobile": "is not a text",
        "password": "is missing",
        "nickname": "is not known here",
    }


def test_a_refused_password_is_not_repeated(quiet: Settings) -> None:
    reply = call(quiet, "POST", "/api/v1/auth/login", '{"password": ["hunter2!"]}')
    assert "hunter2!" not in str(reply.body)


def test_a_method_that_is_not_allowed_names_those_that_are(quiet: Settings) -> None:
    assert call(quiet, "GET", "/api/v1/auth/login").headers["Allow"] == "POST"


def test_without_the_mock_nothing_takes_payments_and_nothing_starts(load: Load) -> None:
    with pytest.raises(SettingsError, match=r"^ZARINPAL_MERCHANT_ID is not set"):
        create_app(load(MOCK_GATEWAY="false"))


def test_production_without_a_gateway_or_provider_does_not_start(load: Load) -> None:
    settings = load(PRODUCTION)
    with pytest.raises(SettingsError, match=r"^ZARINPAL_MERCHANT_ID is not set"):
        build_gateways(settings, db.Database(settings))
    for changes, fault in (
        ({"SMS_PROVIDER": "pigeon"}, "SMS_PROVIDER must be one of"),
        ({"SMS_API_KEY": None}, "SMS_API_KEY is not set"),
        ({"SMS_PROVIDER": "smsir"}, "SMS_SENDER is not set"),
        ({"SMS_PROVIDER": "smsir", "SMS_SENDER": "Vetline"}, "SMS_SENDER must be"),
    ):
        with pytest.raises(SettingsError, match=fault):
            build_provider(load(PRODUCTION, **changes))


def test_production_takes_the_real_providers(load: Load) -> None:
    assert build_provider(load(PRODUCTION)).name == "kavenegar"
    settings = load(PRODUCTION, SMS_PROVIDER="smsir", SMS_SENDER="30007732")
    assert build_provider(settings).name == "smsir"
