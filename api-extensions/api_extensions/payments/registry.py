"""Which gateways there are, chosen by the configuration.

To add one: a file that implements `Gateway` and has a `build`, and its name here.
"""

from api_extensions.db import Database
from api_extensions.payments import mock, zarinpal
from api_extensions.payments.gateway import Gateways
from api_extensions.payments.measured import MeasuredGateway
from api_extensions.settings import Settings, SettingsError

# The first that is configured takes new payments; all of them settle their own.
_GATEWAYS = (mock, zarinpal)


def build_gateways(settings: Settings, database: Database) -> Gateways:
    """Make the gateway for new payments, and those that settle earlier ones.

    Raises:
        SettingsError: when nothing is configured to take payments.
    """
    built = [
        MeasuredGateway(gateway)
        for module in _GATEWAYS
        if (gateway := module.build(settings, database)) is not None
    ]
    if not built:
        raise SettingsError("ZARINPAL_MERCHANT_ID is not set, and MOCK_GATEWAY is off.")
    return Gateways(
        default=built[0], by_provider={gateway.provider: gateway for gateway in built}
    )
