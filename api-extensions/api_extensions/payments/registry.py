"""Which gateways there are, chosen by the configuration."""

from api_extensions.db import Database
from api_extensions.payments.gateway import Gateways
from api_extensions.payments.mock import MockGateway
from api_extensions.settings import Settings, SettingsError


def build_gateways(settings: Settings, database: Database) -> Gateways:
    """Make the gateway for new payments, and those that settle earlier ones.

    Raises:
        SettingsError: when nothing is configured to take payments.
    """
    if not settings.mock_gateway:
        raise SettingsError(
            "No payment gateway is configured: MOCK_GATEWAY is false, "
            "and it is the only gateway of this version."
        )
    mock = MockGateway(database, settings.public_base_url)
    return Gateways(default=mock, by_provider={mock.provider: mock})
