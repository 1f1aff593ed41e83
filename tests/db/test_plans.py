"""The first day of an empty system: plans cached then must serve it when it has grown.

The connections of a journey live through all of it: from empty tables, analyzed at the
worst moments, to 50,000 appointments. What counts is not time but the rows read.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from tests.db.helpers import call
from tests.support.bulk import load_history, without_triggers
from tests.support.database import Connection, Database, changed, one, rows
from tests.support.factories import (
    free_slots,
    hold_slot,
    make_consultation,
    make_doctor,
    make_pet,
    make_user,
    settle,
    start_payment,
)
from tests.support.roles import as_person

pytestmark = pytest.mark.once

BIG, BIG_ENOUGH = 50_000, 5_000
HOT = ("appointments", "consultations", "payments", "audit_log", "slots", "users")
READ = """
    select relname, seq_tup_read + coalesce(idx_tup_fetch, 0) as tuples
    from pg_stat_xact_user_tables where schemaname = 'app' and relname = any (%(hot)s)
"""
# What the gateway asks for GET /consultations, /pets and /notifications.
LISTS = ("consultations", "pets", "notifications", "appointments", "payments")
OWN_LIST = "select * from api.{view} order by created_at desc, id desc limit 21"
# A call touches a person's own few rows, and a slot's; but a doctor's turn comes by
# what was assigned in 30 days, and in the history somebody is called every half hour.
FEW = 100
MONTH = 30 * 48


@dataclass
class Office:
    """The connections that PostgREST and the sidecar keep, and what their calls read.

    Attributes:
        web: where callers act.
        desk: where the sidecar does.
        tuples: the most that one call has read of a table, by call and table.
    """

    web: Connection
    desk: Connection
    tuples: Counter[tuple[str, str]] = field(default_factory=Counter)

    @contextmanager
    def watched(self, conn: Connection, name: str) -> Iterator[None]:
        """Count the rows of hot tables that a block reads, in one transaction."""
        with conn.transaction():
            before = self._read(conn)
            yield
            for table, count in (self._read(conn) - before).items():
                key = (name, table)
                self.tuples[key] = max(self.tuples[key], count)

    def _read(self, conn: Connection) -> Counter[str]:
        found = rows(conn, READ, hot=list(HOT))
        return Counter({row["relname"]: row["tuples"] for row in found})

    def journey(self) -> None:
        """Play everything that is hot: look, hold, move, pay, and a hold given up."""
        with self.watched(self.desk, "register"):
            owner = make_user(self.desk)
        with self.watched(self.web, "availability"):
            first, second, *_ = free_slots(self.web, owner)
        with self.watched(self.web, "describe"):
            pet_id = make_pet(self.web, owner)
            paid = make_consultation(self.web, owner, pet_id)
            given_up = make_consultation(self.web, owner, pet_id)
        with self.watched(self.web, "hold"):
            hold_slot(self.web, owner, paid, second)
        with self.watched(self.web, "move"):
            hold_slot(self.web, owner, paid, first)
        with self.watched(self.desk, "begin payment"):
            payment_id = start_payment(self.desk, owner, paid)
        with self.watched(self.desk, "settle"):
            assert settle(self.desk, payment_id) == "VERIFIED"
        with self.watched(self.web, "hold and release"):
            hold_slot(self.web, owner, given_up, second)
            call(self.web, owner, "api.release_hold", consultation_id=given_up)
        with self.watched(self.web, "own lists"), as_person(self.web, owner):
            for view in LISTS:
                assert rows(self.web, OWN_LIST.format(view=view))
        with self.watched(self.web, "one consultation"), as_person(self.web, owner):
            one(self.web, "select * from api.consultations where id = %(id)s", id=paid)

    def excess(self) -> dict[tuple[str, str], int]:
        """Return what read more than a few rows."""
        return {
            (name, table): count
            for (name, table), count in self.tuples.items()
            if count > FEW + MONTH * ((name, table) == ("settle", "appointments"))
        }


@contextmanager
def office(database: Database, web: str, desk: str) -> Iterator[Office]:
    """Open the long-lived connections, logged in as these roles."""
    with (
        database.connect(web, autocommit=True) as first,
        database.connect(desk, autocommit=True) as second,
    ):
        yield Office(first, second)


@pytest.fixture
def young(fresh_db: Database) -> Iterator[Connection]:
    """The owner's connection to a database with doctors and nothing else.

    Autovacuum is off, so that no plan is made anew unless the test says so.
    """
    with fresh_db.connect(autocommit=True) as conn:
        for table in HOT:
            conn.execute(
                f"alter table app.{table} set (autovacuum_enabled = off)".encode()
            )
        for _ in range(20):
            make_doctor(conn)
        yield conn


def _never(conn: Connection, journey: Callable[[], None]) -> None:
    assert conn.autocommit
    _repeat(journey)


def _while_empty(conn: Connection, journey: Callable[[], None]) -> None:
    conn.execute("analyze")
    _repeat(journey)


def _while_small(conn: Connection, journey: Callable[[], None]) -> None:
    _repeat(journey)
    conn.execute("analyze")
    _repeat(journey)


def _repeat(journey: Callable[[], None]) -> None:
    """Go through it more often than PL/pgSQL needs to settle for a plan."""
    for _ in range(7):
        journey()


@pytest.mark.parametrize("analyzed", [_never, _while_empty, _while_small])
def test_plans_made_on_the_first_day_serve_fifty_thousand_appointments(
    fresh_db: Database,
    young: Connection,
    analyzed: Callable[[Connection, Callable[[], None]], None],
) -> None:
    with office(fresh_db, "authenticator", "sidecar") as people:
        analyzed(young, people.journey)
        load_history(young, BIG, has_doctors=True)
        people.tuples.clear()
        for _ in range(2):
            people.journey()
        assert people.excess() == {}
        assert ("hold", "appointments") in people.tuples


def test_with_postgresqls_own_settings_the_same_calls_read_everything(
    fresh_db: Database, young: Connection
) -> None:
    """The test above can fail: these logins have no settings of ours."""
    with office(fresh_db, "postgres", "postgres") as people:
        _while_empty(young, people.journey)
        load_history(young, BIG_ENOUGH, has_doctors=True)
        people.tuples.clear()
        people.journey()
        assert people.excess()["hold", "appointments"] >= BIG_ENOUGH


@pytest.mark.parametrize(
    ("login", "query"),
    [
        ("job_runner", "select app.run_job('sms:remind')"),
        ("sidecar", "select * from sidecar.gauges()"),
    ],
)
def test_what_runs_every_minute_does_not_read_calls_of_the_past_that_nobody_completed(
    fresh_db: Database, young: Connection, login: str, query: str
) -> None:
    load_history(young, BIG_ENOUGH)
    with without_triggers(young):
        assert changed(young, "update app.appointments set status = 'CONFIRMED'")
    changed(young, "update app.system_config set reminder_minutes = 60")
    with office(fresh_db, login, login) as people:
        with people.watched(people.desk, "every minute"):
            rows(people.desk, query)
        assert people.excess() == {}
