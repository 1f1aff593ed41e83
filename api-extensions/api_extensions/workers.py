"""The background work, to run inside the HTTP sidecar or alone."""

import asyncio
from collections.abc import Sequence

from api_extensions.background import Worker
from api_extensions.db import Database
from api_extensions.files.cleanup import Deleter, Sweeper
from api_extensions.files.store import Store
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
    settings: Settings, database: Database, gateways: Gateways, store: Store
) -> Sequence[Worker]:
    """Make the workers; `background.running` keeps them going.

    Raises:
        SettingsError: when a provider is not known.
    """
    return [
        *_sms_workers(settings, database),
        Reconciler(
            database,
            gateways,
            Settler(database, gateways),
            Refunder(database, gateways),
            interval=settings.reconcile_interval,
        ),
        Deleter(database, store),
        Sweeper(database, store),
    ]


def _sms_workers(settings: Settings, database: Database) -> list[Worker]:
    heard = asyncio.Event()
    # Two of them, since each opens and closes its own connections.
    sender, informant = build_provider(settings), build_provider(settings)
    sending: list[Worker] = [
        Listener(settings.database_url.get_secret_value(), heard),
        SmsWorker(
            database,
            sender,
            max_in_flight=settings.sms_max_in_flight,
            heard=heard,
            unknown=settings.sms_unknown,
        ),
    ]
    can_report = informant.delivery_batch > 0
    return [*sending, DeliveryPoller(database, informant)] if can_report else sending
