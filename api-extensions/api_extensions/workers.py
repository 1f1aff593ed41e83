"""The background work, to run inside the HTTP sidecar or alone."""

import asyncio
from collections.abc import Sequence

from api_extensions.background import Worker
from api_extensions.db import Database
from api_extensions.payments.gateway import Gateways
from api_extensions.payments.reconcile import Reconciler
from api_extensions.payments.refund import Refunder
from api_extensions.payments.settle import Settler
from api_extensions.settings import Settings
from api_extensions.sms.deliveries import DeliveryPoller
from api_extensions.sms.listener import Listener
from api_extensions.sms.registry import build_provider
from api_extensions.sms.worker import SmsWorker


def build_workers(
    settings: Settings, database: Database, gateways: Gateways
) -> Sequence[Worker]:
    """Make the workers; `background.running` keeps them going.

    Raises:
        SettingsError: when a provider is not known.
    """
    heard = asyncio.Event()
    conninfo = settings.database_url.get_secret_value()
    # Two of them, since each opens and closes its own connections.
    sender, informant = build_provider(settings), build_provider(settings)
    reports = informant.delivery_batch > 0
    return [
        Listener(conninfo, heard),
        SmsWorker(
            database,
            sender,
            max_in_flight=settings.sms_max_in_flight,
            heard=heard,
            unknown=settings.sms_unknown,
        ),
        *([DeliveryPoller(database, informant)] if reports else []),
        Reconciler(
            database,
            gateways,
            Settler(database, gateways),
            Refunder(database, gateways),
            interval=settings.reconcile_interval,
        ),
    ]
