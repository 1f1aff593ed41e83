"""Which SMS providers there are, chosen by SMS_PROVIDER."""

from collections.abc import Callable, Mapping

from pydantic import SecretStr

from api_extensions.settings import Settings, SettingsError
from api_extensions.sms import kavenegar, smsir
from api_extensions.sms.console import ConsoleProvider
from api_extensions.sms.kavenegar import KavenegarProvider
from api_extensions.sms.provider import SmsProvider
from api_extensions.sms.smsir import SmsirProvider


def build_provider(settings: Settings) -> SmsProvider:
    """Make the configured provider.

    Raises:
        SettingsError: when SMS_PROVIDER names none of them, or its settings lack.
    """
    build = _PROVIDERS.get(settings.sms_provider)
    if build is None:
        known = ", ".join(_PROVIDERS)
        raise SettingsError(f"SMS_PROVIDER must be one of: {known}.")
    return build(settings)


def _console(_: Settings) -> SmsProvider:
    return ConsoleProvider()


def _kavenegar(settings: Settings) -> SmsProvider:
    return KavenegarProvider(
        key=_key(settings),
        sender=settings.sms_sender,
        base_url=settings.sms_base_url or kavenegar.BASE_URL,
        timeout=settings.sms_timeout,
    )


def _smsir(settings: Settings) -> SmsProvider:
    if not settings.sms_sender:
        raise SettingsError("SMS_SENDER is not set: smsir needs a line to send from.")
    if not settings.sms_sender.isdecimal():
        raise SettingsError("SMS_SENDER must be the number of a line.")
    return SmsirProvider(
        key=_key(settings),
        line=int(settings.sms_sender),
        base_url=settings.sms_base_url or smsir.BASE_URL,
        timeout=settings.sms_timeout,
    )


def _key(settings: Settings) -> SecretStr:
    if settings.sms_api_key is None:
        raise SettingsError("SMS_API_KEY is not set.")
    return settings.sms_api_key


_PROVIDERS: Mapping[str, Callable[[Settings], SmsProvider]] = {
    ConsoleProvider.name: _console,
    KavenegarProvider.name: _kavenegar,
    SmsirProvider.name: _smsir,
}
