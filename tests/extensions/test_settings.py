"""The configuration: an unsound one stops the start with a sentence that names it."""

from datetime import timedelta

import pytest

from api_extensions.production import is_guessable
from api_extensions.settings import SettingsError
from tests.extensions.conftest import PRODUCTION, Load


@pytest.mark.parametrize(
    "name",
    ["DATABASE_URL", "JWT_ACCESS_SECRET", "JWT_REFRESH_SECRET", "PUBLIC_BASE_URL"],
)
@pytest.mark.parametrize("absent", [None, ""])
def test_a_missing_setting_is_named(load: Load, name: str, absent: str | None) -> None:
    with pytest.raises(SettingsError, match=f"^{name} is not set.$"):
        load(**{name: absent})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ACCESS_TTL", "fifteen"),
        ("ACCESS_TTL", "0m"),
        ("REFRESH_TTL", "30"),
        ("SIDECAR_LISTEN", "8081"),
        ("SIDECAR_LISTEN", "localhost:99999"),
        ("PUBLIC_BASE_URL", "vet.example"),
        ("CORS_ORIGINS", "foo"),
        ("CORS_ORIGINS", "https://app.example https://app.example/path"),
        ("CORS_ORIGINS", "*"),
        ("PAYMENT_RESULT_URL", "/result"),
        ("DB_POOL_SIZE", "0"),
        ("ZARINPAL_MERCHANT_ID", "my-shop"),
        ("ZARINPAL_MERCHANT_ID", "11111111-2222-4333-8444-55555555555A"),
        ("ZARINPAL_BASE_URL", "payment.zarinpal.com"),
        ("GATEWAY_TIMEOUT", "8s"),
        ("RECONCILE_INTERVAL", "often"),
        ("SETTLE_FAULT", "nowhere"),
        ("RUN_WORKERS", "perhaps"),
        ("ENVIRONMENT", "staging"),
        ("LOG_LEVEL", "loud"),
        ("JWT_ACCESS_SECRET", "short"),
        ("JWT_ACCESS_SECRET_PREVIOUS", "short"),
    ],
)
def test_nonsense_is_refused_by_name(load: Load, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} .+\\.$"):
        load(**{name: value})


def test_a_refused_secret_is_not_repeated(load: Load) -> None:
    with pytest.raises(SettingsError) as caught:
        load(JWT_REFRESH_SECRET="tooShort123")
    assert "tooShort123" not in str(caught.value)


def test_all_faults_are_told_at_once(load: Load) -> None:
    with pytest.raises(SettingsError) as caught:
        load(DATABASE_URL=None, ACCESS_TTL="x")
    assert "DATABASE_URL" in str(caught.value)
    assert "ACCESS_TTL" in str(caught.value)


def test_one_secret_can_not_serve_both_tokens(load: Load) -> None:
    with pytest.raises(SettingsError, match=r"^JWT_REFRESH_SECRET must differ"):
        load(JWT_REFRESH_SECRET="kV8q2Zr5Tn1Xw7Lc4Bm9Jd6Hf3Gs0PyA")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"MOCK_GATEWAY": "true"}, "MOCK_GATEWAY must be false"),
        ({"ZARINPAL_BASE_URL": "http://bank.example"}, "ZARINPAL_BASE_URL must be htt"),
        ({"SETTLE_FAULT": "recorded"}, "SETTLE_FAULT must not be set"),
        ({"SMS_PROVIDER": "console"}, "SMS_PROVIDER must name a real provider"),
        ({"SMS_PROVIDER": None}, "SMS_PROVIDER must name a real provider"),
        ({"COOKIE_SECURE": "false"}, "COOKIE_SECURE must be true"),
        ({"PUBLIC_BASE_URL": "http://vet.example"}, "COOKIE_SECURE must be true"),
        ({"JWT_ACCESS_SECRET": "change-me-" * 5}, "JWT_ACCESS_SECRET must be a random"),
        ({"JWT_REFRESH_SECRET": "ab" * 20}, "JWT_REFRESH_SECRET must be a random"),
    ],
)
def test_production_refuses_what_suits_a_laptop(
    load: Load, changes: dict[str, str | None], sentence: str
) -> None:
    assert load(PRODUCTION).cookie_secure
    with pytest.raises(SettingsError, match=f"^{sentence}"):
        load(PRODUCTION, **changes)


def test_production_is_the_default(load: Load) -> None:
    assert load(PRODUCTION, ENVIRONMENT=None).environment == "production"


def test_a_development_run_has_the_mock_and_plain_cookies(load: Load) -> None:
    settings = load()
    assert settings.mock_gateway
    assert not settings.cookie_secure
    assert settings.access_ttl == timedelta(minutes=15)
    assert settings.refresh_ttl == timedelta(days=30)


def test_several_origins_may_be_allowed(load: Load) -> None:
    origins = "https://app.example http://localhost:5173"
    assert load(CORS_ORIGINS=origins).cors_origins == origins


def test_cookies_are_secure_where_the_address_is_https(load: Load) -> None:
    assert load(PUBLIC_BASE_URL="https://vet.example").cookie_secure
    assert not load(
        PUBLIC_BASE_URL="https://vet.example", COOKIE_SECURE="false"
    ).cookie_secure


def test_it_listens_on_a_socket_or_an_address(load: Load) -> None:
    assert str(load(SIDECAR_LISTEN="unix:/run/s.sock").socket_path) == "/run/s.sock"
    settings = load(SIDECAR_LISTEN="[::1]:8081")
    assert settings.socket_path is None
    assert settings.address == ("::1", 8081)


@pytest.mark.parametrize(
    "secret", ["x" * 40, "dev-" + "kV8q2Zr5Tn1Xw7Lc4Bm9Jd6Hf3G", "0123" * 10]
)
def test_patterns_and_placeholders_are_guessable(secret: str) -> None:
    assert is_guessable(secret)
    assert not is_guessable("kV8q2Zr5Tn1Xw7Lc4Bm9Jd6Hf3Gs0PyA")
