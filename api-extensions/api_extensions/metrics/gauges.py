"""The state of the whole system, as the database knows it: read seldom, shown often."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import psycopg
import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from api_extensions.db import Database, fetch_all

log = structlog.get_logger()

# Seconds: however often it is scraped, the database is not asked more often than this.
MAX_AGE = 10.0
# Seconds that a scrape waits for the database before it does without.
PATIENCE = 3.0

_READ = "select metric, label, value from sidecar.gauges()"


@dataclass(frozen=True)
class Gauge:
    """A line of `sidecar.gauges()`.

    Attributes:
        metric: its name there; the monitor sees it with `vetline_` before it.
        help: what it tells.
        label: what its label says; empty when it has none.
    """

    metric: str
    help: str
    label: str = ""


GAUGES = (
    Gauge("sms_queued", "Messages that are not sent yet."),
    Gauge("sms_overdue_seconds", "How long the most overdue message has been due."),
    Gauge("sms_outage", "1 while the SMS provider refuses us and sending rests."),
    Gauge("payments_open", "Attempts to pay that have not ended.", "status"),
    Gauge("payments_open_oldest_seconds", "Age of the oldest open attempt to pay."),
    Gauge("refunds_due", "Refunds that are still to be made."),
    Gauge("refunds_due_oldest_seconds", "Age of the oldest refund that is due."),
    Gauge("object_deletions", "Objects that are to be deleted from the bucket."),
    Gauge("object_deletions_oldest_seconds", "For how long the oldest is to be."),
    Gauge("holds", "Held seats: live, or expired and not released yet.", "state"),
    Gauge("slots_over_capacity", "Slots to come with too many confirmed appointments."),
    Gauge("job_last_success_timestamp_seconds", "When a job last succeeded.", "name"),
    Gauge("job_failing", "1 when the latest run of a job failed.", "name"),
    Gauge("invariant_violations", "Violated guarantees, when last checked."),
    Gauge("invariants_checked_timestamp_seconds", "When they were last checked."),
    Gauge("database_connections", "Connections to the PostgreSQL server."),
    Gauge("database_max_connections", "Connections that it takes at most."),
)


@dataclass(frozen=True)
class _Line:
    metric: str
    label: str
    value: float


class Gauges(Collector):
    """Keeps what was read last, for as long as it is fresh."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lines: Sequence[_Line] = ()
        self._is_up = False
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def refresh(self) -> None:
        """Ask the database, unless what we have is fresh; never raises.

        Without a database there are no old figures either: they would look alive.
        """
        async with self._reading:
            if time.monotonic() - self._read_at < MAX_AGE:
                return
            try:
                async with asyncio.timeout(PATIENCE):
                    self._lines = await self._read()
                self._is_up = True
            except (psycopg.Error, TimeoutError) as error:
                log.warning("gauges_not_read", reason=type(error).__name__)
                self._lines, self._is_up = (), False
            self._read_at = time.monotonic()

    async def _read(self) -> Sequence[_Line]:
        async with self._database.system() as connection:
            return await fetch_all(connection, _Line, _READ, {})

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield what a scrape shows."""
        used, waiting = self._database.pool_state()
        yield _single("database_up", "1 when the database answered.", self._is_up)
        yield _single("db_pool_used", "Connections of our pool in use.", used)
        yield _single("db_pool_waiting", "Requests that wait for one.", waiting)
        by_metric: Mapping[str, list[_Line]] = {gauge.metric: [] for gauge in GAUGES}
        for line in self._lines:
            by_metric[line.metric].append(line)
        for gauge in GAUGES:
            labels = [gauge.label] if gauge.label else []
            family = _family(gauge.metric, gauge.help, labels)
            for line in by_metric[gauge.metric]:
                family.add_metric([line.label] if labels else [], line.value)
            yield family


def _family(metric: str, text: str, labels: Sequence[str]) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"vetline_{metric}", text, labels=labels)


def _single(metric: str, text: str, value: float) -> GaugeMetricFamily:
    family = _family(metric, text, ())
    family.add_metric([], value)
    return family
