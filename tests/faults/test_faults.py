"""Whatever breaks while people book and pay: what they were told stays true."""

import pytest

from tests.faults.figures import Figures
from tests.faults.injuries import FAULTS, Fault
from tests.faults.ledger import Ledger
from tests.faults.load import Load
from tests.faults.site import Site

_ALL = [
    pytest.param(
        fault, id=fault.name, marks=() if fault.is_quick else pytest.mark.faults
    )
    for fault in FAULTS
]


@pytest.mark.parametrize("fault", _ALL)
def test_nothing_that_was_acknowledged_is_lost(
    site: Site, load: Load, figures: Figures, fault: Fault
) -> None:
    load.wait_for(2)
    with figures.injuring(fault.name, load):
        with fault.breaking(site):
            load.wait_for_requests(fault.requests)
        load.wait_for(3)
    site.assert_money_arrives()
    site.assert_messages_arrive()
    site.assert_files_are_there(load)
    site.assert_whole(load)


def test_the_ledger_notices_what_is_lost(site: Site) -> None:
    ledger = Ledger()
    ledger.note("paid", "00000000-0000-0000-0000-000000000000")
    ledger.note("person", "09390000000")
    ledger.note("media", "00000000-0000-0000-0000-000000000000")
    with site.database() as database:
        assert ledger.lost(database).keys() == {"media", "paid", "person"}
