"""The system with the real Zarinpal client, against a bank that can misbehave.

Its workers are off: a test reconciles when it means to.
"""

from collections.abc import Iterator

import pytest

from stack.background import System
from tests.http.payments.bank import Bank
from tests.support.api import Api
from tests.support.system import healthy_system

SETTINGS = {
    "ZARINPAL": "fake",
    "RUN_WORKERS": "false",
    "GATEWAY_TIMEOUT": "1s",
    "ACCESS_TTL": "6h",
}


@pytest.fixture(scope="package")
def system() -> Iterator[System]:
    """The system as `make run ZARINPAL=fake` starts it, less patient."""
    with healthy_system(**SETTINGS) as running:
        yield running


@pytest.fixture
def bank(system: System) -> Iterator[Bank]:
    """The bank, which works as documented again after the test."""
    bank = Bank(str(system.values["FAKE_ZARINPAL_URL"]))
    yield bank
    bank.repair()


@pytest.fixture(scope="module")
def admin(system: System) -> Api:
    """The demo admin."""
    api = Api(system.api_url)
    mobile, password = "DEMO_ADMIN_MOBILE", "DEMO_ADMIN_PASSWORD"
    signed_in = api.sign_in(str(system.values[mobile]), str(system.values[password]))
    assert signed_in.data
    return api
