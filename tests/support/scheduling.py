"""Which tests stay together on a worker, and which are begun first."""

from xdist.scheduler import LoadScopeScheduling

# Longest first, so that no worker is left with one of them when the others are done. A
# directory shares a running system, which is started once for all of its modules but
# those that are named here by themselves: they have one of their own.
LONG = (
    "tests/http/payments/",
    "tests/http/",
    "tests/compat/test_postgres_15.py",
    "tests/test_lint.py",
    "tests/extensions/test_sms_crashes.py",
    "tests/http/test_schemathesis.py",
    "tests/db/test_plans.py",
    "tests/extensions/test_cut_connections.py",
    "tests/faults/test_faults.py",
    "tests/db/test_queue_plans.py",
    "tests/extensions/streams/test_limits.py",
    "tests/stack/test_killed_start.py",
    "tests/stack/test_ending.py",
    "tests/stack/test_run.py",
    "tests/migrations/test_upgrade_with_data.py",
    "tests/http/payments/test_random_journeys.py",
    "tests/fuzz/test_functions.py",
    "tests/schema/test_drift.py",
    "tests/http/test_maintenance.py",
    "tests/model/test_interleavings.py",
    "tests/model/test_mutants.py",
    "tests/http/files/test_browser.py",
)


class UnitScheduling(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
    """Hands out modules, and what shares a system as if it were one module."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)


def unit(nodeid: str) -> str:
    """Return what a test belongs to: a part of LONG, or its module."""
    parts = [part for part in LONG if nodeid.startswith(part)]
    return max(parts, key=len, default=nodeid.partition("::")[0])


def rank(nodeid: str) -> int:
    """Return the place of a test's unit in the order of beginning."""
    place = unit(nodeid)
    return LONG.index(place) if place in LONG else len(LONG)
