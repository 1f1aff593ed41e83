"""One system, and one load on it, for all faults: they follow each other."""

from collections.abc import Iterator

import pytest

from fakes import kavenegar
from fakes.kavenegar.server import API_KEY
from fakes.serving import serving
from stack.background import running_system
from stack.settings import ROOT
from tests.faults.figures import Figures
from tests.faults.injuries import FAULTS
from tests.faults.load import Load
from tests.faults.providers import Moods
from tests.faults.site import Site
from tests.http.payments.bank import Bank
from tests.support.api import free_starts, new_owner

SETTINGS = {
    "REPLICAS": "2",
    "RESTART": "always",
    "ZARINPAL": "fake",
    "GATEWAY_TIMEOUT": "1s",
    "RECONCILE_INTERVAL": "1s",
    # Longer than all of it, and not longer than a clock is wrong.
    "ACCESS_TTL": "1h",
    "SMS_PROVIDER": "kavenegar",
    "SMS_API_KEY": API_KEY,
    "SMS_TIMEOUT": "1s",
    # Room for everybody who books while all this goes on.
    "ODD_WEEK_DAYS": "sat,sun,mon,tue,wed,thu,fri",
    "SLOT_START_HOUR": "6",
    "SLOT_END_HOUR": "23",
}
DOCTORS = 12


@pytest.fixture(scope="package")
def site() -> Iterator[Site]:
    """The system."""
    moods, sent = Moods(), kavenegar.Books()
    with (
        serving(kavenegar.create_app(sent, moods)) as sms_url,
        running_system(**SETTINGS, SMS_BASE_URL=sms_url) as system,
    ):
        site = Site(system, Bank(str(system.values["FAKE_ZARINPAL_URL"])), moods, sent)
        with site.database() as database:
            # Nobody signs in as them: the hash is of no password.
            database.execute(
                "select app.create_user('DOCTOR', 'دکتر ' || n, (9370000000 + n)::text,"
                " '$argon2id$v=19$m=8,t=1,p=1$bm9uZQ$bm9uZQ')"
                " from generate_series(1, %s) n",
                [DOCTORS],
            )
        yield site


@pytest.fixture(scope="package")
def load(site: Site) -> Iterator[Load]:
    """Owners who book and pay all the while."""
    load = Load(site.system.api_url, free_starts(new_owner(site.system.api_url)))
    with load.running():
        yield load


@pytest.fixture(scope="package")
def figures(site: Site, load: Load) -> Iterator[Figures]:
    """What this run measures; a whole one puts it into docs/reliability.md."""
    figures = Figures()
    yield figures
    if len(figures.injuries) == len(FAULTS):
        with site.database() as database:
            lost = sum(map(len, load.ledger.lost(database).values()))
        figures.note_load(load, lost)
        figures.note_fuzzing()
        figures.write(ROOT / "docs" / "reliability.md")
