"""A sound configuration, and an environment that has no other."""

from collections.abc import Callable

import pytest

from api_extensions.settings import Settings, load_settings

SOUND = {
    "ENVIRONMENT": "development",
    # Nobody listens there: these tests need no database.
    "DATABASE_URL": "postgresql://sidecar@127.0.0.1:1/none?connect_timeout=1",
    "JWT_ACCESS_SECRET": "kV8q2Zr5Tn1Xw7Lc4Bm9Jd6Hf3Gs0PyA",
    "JWT_REFRESH_SECRET": "aQ5w9Er2Ty7Ui1Op4As8Df3Gh6Jk0LzX",
    "PUBLIC_BASE_URL": "http://127.0.0.1:8080",
    "S3_ENDPOINT": "http://127.0.0.1:1",
    "S3_BUCKET": "vetline",
    "S3_ACCESS_KEY": "8d1c0f4be2a97365",
    "S3_SECRET_KEY": "3e9f17c0a5b8d2467c1e",
}
PRODUCTION = SOUND | {
    "ENVIRONMENT": "production",
    "PUBLIC_BASE_URL": "https://vet.example",
    "S3_ENDPOINT": "https://s3.vet.example",
    "SMS_PROVIDER": "kavenegar",
    "SMS_API_KEY": "4A6b8C1d3E5f7G9h",
}

Load = Callable[..., Settings]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Load:
    """Load settings from SOUND with changes; a change to None leaves the name out."""

    def _load(base: dict[str, str] = SOUND, **changes: str | None) -> Settings:
        for name in Settings.model_fields:
            monkeypatch.delenv(name.upper(), raising=False)
        for name, value in (base | changes).items():
            if value is not None:
                monkeypatch.setenv(name, value)
        return load_settings()

    return _load


@pytest.fixture
def settings(load: Load) -> Settings:
    """A sound development configuration."""
    return load()
