"""Under steady load nothing grows without bound: memory, connections, tables."""

from pathlib import Path

import pytest

from tests.faults.figures import Figures
from tests.faults.injuries import NGINX, POSTGREST, SIDECAR
from tests.faults.load import Load
from tests.faults.site import Site
from tests.support.database import value
from tests.support.processes import parts

JOURNEYS = 200
# Two sidecars and two PostgRESTs with their pools and listeners, the job runner, us.
MOST_CONNECTIONS = 80
# What a process may gain between the first half and the second, in kB.
_MEMORY_SLACK = 16 * 1024
# Tables whose rows change again and again.
_CHANGING = ("consultations", "appointments", "payments", "sms_messages", "slots")


def memory(site: Site) -> dict[str, int]:
    """Return the resident memory of the stateless parts together, in kB."""
    return {
        word: sum(_resident(pid) for pid in parts(site.system.run_dir, word))
        for word in (SIDECAR, POSTGREST, NGINX)
    }


def _resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def bytes_a_row(site: Site) -> dict[str, float]:
    """Return what a row takes in each changing table, with its indexes and the dead."""
    with site.database() as database:
        query = "select pg_total_relation_size('app.{0}') / count(*) from app.{0}"
        return {
            table: float(value(database, query.format(table))) for table in _CHANGING
        }


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_nothing_grows_without_bound(site: Site, load: Load, figures: Figures) -> None:
    with site.database() as database:
        database.execute("update app.jobs set schedule = '* * * * *'")
    load.wait_for(JOURNEYS, seconds=250)
    before, rows_before = memory(site), bytes_a_row(site)
    load.wait_for(JOURNEYS, seconds=250)
    after, clients = memory(site), site.connections()
    for word, kilobytes in before.items():
        assert after[word] < kilobytes + _MEMORY_SLACK, (word, before, after)
    assert 0 < clients <= MOST_CONNECTIONS
    for table, size in bytes_a_row(site).items():
        assert size < 1.5 * rows_before[table], (table, rows_before)
    site.assert_whole(load)
    figures.lines |= {
        "soak: journeys": f"{2 * JOURNEYS}",
        "soak: memory of both sidecars, halfway and at the end": (
            f"{before[SIDECAR] // 1024} MB, {after[SIDECAR] // 1024} MB"
        ),
        "soak: database connections at the end": f"{clients}",
    }
