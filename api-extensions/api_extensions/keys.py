"""What handlers find on the application, by typed keys."""

import asyncio
from collections.abc import Sequence

from aiohttp import web

from api_extensions.accounts.hashing import PasswordHashing
from api_extensions.accounts.sessions import Sessions
from api_extensions.background import Worker
from api_extensions.db import Database
from api_extensions.files.registration import Registration
from api_extensions.files.store import Store
from api_extensions.metrics.gauges import Gauges
from api_extensions.notifications.hub import Hub
from api_extensions.payments.gateway import Gateways
from api_extensions.payments.mock import MockGateway
from api_extensions.payments.refund import Refunder
from api_extensions.payments.settle import Settler
from api_extensions.settings import Settings
from api_extensions.tokens import Tokens

SETTINGS = web.AppKey("settings", Settings)
DATABASE = web.AppKey("database", Database)
TOKENS = web.AppKey("tokens", Tokens)
HASHING = web.AppKey("hashing", PasswordHashing)
SESSIONS = web.AppKey("sessions", Sessions)
GATEWAYS = web.AppKey("gateways", Gateways)
# Only there while the mock gateway is on.
MOCK = web.AppKey("mock", MockGateway)
SETTLER = web.AppKey("settler", Settler)
REFUNDER = web.AppKey("refunder", Refunder)
STORE = web.AppKey("store", Store)
REGISTRATION = web.AppKey("registration", Registration)
HUB = web.AppKey("hub", Hub)
# How many exports may run at once.
EXPORTS = web.AppKey("exports", asyncio.Semaphore)
GAUGES = web.AppKey("gauges", Gauges)
WORKERS: web.AppKey[Sequence[Worker]] = web.AppKey("workers")
