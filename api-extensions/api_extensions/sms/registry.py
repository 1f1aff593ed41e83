"""Which SMS providers there are, chosen by SMS_PROVIDER."""

from collections.abc import Callable, Mapping

from api_extensions.settings import Settings, SettingsError
from api_extensions.sms.console import ConsoleProvider
from api_extensions.sms.provider import SmsProvider

_PROVIDERS: Mapping[str, Callable[[], SmsProvider]] = {
    ConsoleProvider.name: ConsoleProvider,
}


def build_provider(settings: Settings) -> SmsProvider:
    """Make the configured provider.

    Raises:
        SettingsError: when SMS_PROVIDER names none of them.
    """
    build = _PROVIDERS.get(settings.sms_provider)
    if build is None:
        known = ", ".join(_PROVIDERS)
        raise SettingsError(f"SMS_PROVIDER must be one of: {known}.")
    return build()
