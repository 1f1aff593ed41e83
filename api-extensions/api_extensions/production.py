"""What production refuses: convenient on a laptop, dangerous on a server."""

from typing import TYPE_CHECKING

from pydantic import SecretStr

if TYPE_CHECKING:
    from api_extensions.settings import Settings

# Words that only an example or a default carries.
PLACEHOLDERS = ("change", "secret", "example", "default", "password", "your-", "dev-")
# A random key of the least length has some twenty different characters.
MIN_DISTINCT_CHARACTERS = 10


def refuse_in_production(settings: "Settings") -> None:
    """Refuse settings that a server must not have.

    Raises:
        ValueError: with a sentence that begins with the setting's name.
    """
    for name in (
        "jwt_access_secret",
        "jwt_access_secret_previous",
        "jwt_refresh_secret",
        "s3_secret_key",
    ):
        secret: SecretStr | None = getattr(settings, name)
        if secret and is_guessable(secret.get_secret_value()):
            raise ValueError(f"{name.upper()} must be a random value in production")
    _refuse_stand_ins(settings)
    _refuse_plain_addresses(settings)


def _refuse_stand_ins(settings: "Settings") -> None:
    if settings.mock_gateway:
        raise ValueError("MOCK_GATEWAY must be false in production")
    if settings.settle_fault:
        raise ValueError("SETTLE_FAULT must not be set in production")
    if settings.sms_provider == "console":
        raise ValueError("SMS_PROVIDER must name a real provider in production")


def _refuse_plain_addresses(settings: "Settings") -> None:
    if not settings.zarinpal_base_url.startswith("https://"):
        raise ValueError("ZARINPAL_BASE_URL must be https in production")
    store = settings.s3_public_endpoint or settings.s3_endpoint
    if not store.startswith("https://"):
        raise ValueError(
            "S3_PUBLIC_ENDPOINT must be https in production; its default is S3_ENDPOINT"
        )
    if not settings.cookie_secure:
        raise ValueError(
            "COOKIE_SECURE must be true in production; "
            "its default follows PUBLIC_BASE_URL, which must be https"
        )


def is_guessable(secret: str) -> bool:
    """Tell whether a secret looks like a default or a pattern, not like a key."""
    is_placeholder = any(word in secret.lower() for word in PLACEHOLDERS)
    return is_placeholder or len(set(secret)) < MIN_DISTINCT_CHARACTERS
