"""What `make bench` measures: one module a scenario, in the order of the page."""

from collections.abc import Callable, Mapping

from bench.figures import Report
from bench.scenarios import (
    bare_hold,
    ceiling,
    export,
    floor,
    growth,
    holds,
    hot_slot,
    journeys,
    pools,
    profile,
    release,
    sign_in,
    sms,
    start,
    surfaces,
    tuning,
)
from bench.stage import Stage

SCENARIOS: Mapping[str, Callable[[Stage], Report]] = {
    "ceiling": ceiling.measure,
    "floor": floor.measure,
    "holds": holds.measure,
    "bare_hold": bare_hold.measure,
    "profile": profile.measure,
    "surfaces": surfaces.measure,
    "hot_slot": hot_slot.measure,
    "journeys": journeys.measure,
    "sign_in": sign_in.measure,
    "pools": pools.measure,
    "tuning": tuning.measure,
    "growth": growth.measure,
    "release": release.measure,
    "export": export.measure,
    "sms": sms.measure,
    "start": start.measure,
}
