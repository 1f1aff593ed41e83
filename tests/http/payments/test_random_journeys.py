"""Many journeys at once, in which everything goes wrong; then the books are compared.

JOURNEYS says how many (60), JOURNEYS_SEED which ones; a failure names the seed.
"""

import os
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import psycopg
import pytest
from psycopg.rows import dict_row

from stack.background import System, running_system
from tests.http.payments.bank import Bank
from tests.http.payments.conftest import SETTINGS
from tests.http.payments.random_journey import Journey
from tests.http.payments.scene import (
    assert_healthy,
    end_leases,
    make_due,
    read_lists_again,
    reconcile,
)
from tests.support.api import Api, free_starts, new_owner
from tests.support.database import Connection, changed, rows, value

JOURNEYS = int(os.environ.get("JOURNEYS", "60"))
SEED = int(os.environ.get("JOURNEYS_SEED", "0")) or random.randrange(1, 2**32)
JOURNEYS_AN_OWNER, AT_ONCE, REPLICAS = 12, 4, 2

_OURS = """
    select p.authority, p.status::text, p.ref_id, p.amount_rials,
        r.status::text as refund
    from app.payments p
    left join app.refunds r on r.payment_id = p.id
    where p.provider = 'ZARINPAL' and p.authority is not null
"""
# Consultations whose money is not in exactly one place: a payment that is kept stands
# for a confirmed seat or waits for one, and without one there is neither.
_ASTRAY = """
    with paid as (
        select p.consultation_id, count(*) filter (where not exists (
            select from app.refunds r where r.payment_id = p.id)) as kept
        from app.payments p where p.status = 'VERIFIED' group by p.consultation_id
    ), seated as (
        select consultation_id, count(*) as seats
        from app.appointments where status = 'CONFIRMED' group by consultation_id
    )
    select c.id, c.status, p.kept, s.seats
    from app.consultations c
    left join paid p on p.consultation_id = c.id
    left join seated s on s.consultation_id = c.id
    where coalesce(p.kept, 0)
        <> coalesce(s.seats, 0) + case c.status when 'PAID' then 1 else 0 end
"""
# Messages sent twice, and confirmed seats without theirs.
_MESSAGES = """
    select subject from app.sms_messages
    where event in ('APPOINTMENT_CONFIRMED', 'SLOT_LOST')
    group by event, subject having count(*) > 1
    union all
    select a.id::text from app.appointments a
    where a.status = 'CONFIRMED' and not exists (
        select from app.sms_messages s
        where s.event = 'APPOINTMENT_CONFIRMED' and s.subject = a.id::text)
"""


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    """A system of their own, whose books nobody else has written in."""
    with running_system(**SETTINGS) as running:
        yield running


@pytest.fixture
def roomy(database: Connection) -> None:
    """A clinic that is open every day, and lets its owners try again and again."""
    changed(
        database,
        "update app.system_config set open_weekdays = '{1,2,3,4,5,6,7}',"
        " max_live_holds = 20, cooldown_minutes = 1,"
        " cooldown_after_expired_holds = 100",
    )


@pytest.mark.timeout(60 + 3 * JOURNEYS)
@pytest.mark.usefixtures("roomy")
def test_whatever_goes_wrong_both_books_agree_in_the_end(
    system: System, admin: Api, bank: Bank, database: Connection
) -> None:
    owners = [
        new_owner(system.api_url)
        for _ in range(JOURNEYS // JOURNEYS_AN_OWNER + AT_ONCE)
    ]
    starts = free_starts(owners[0])
    done = Event()

    def travel(number: int) -> None:
        with connect(system) as own:
            chance = random.Random(SEED + number)
            owner = owners[number % len(owners)]
            Journey(chance, owner, admin, bank, own, starts).play()

    with ThreadPoolExecutor(AT_ONCE + 1) as pool:
        sweeper = pool.submit(sweep, system, done)
        try:
            for journey in [pool.submit(travel, n) for n in range(JOURNEYS)]:
                journey.result()
        finally:
            done.set()
        sweeper.result()
    settle_everything(system, bank, database)
    assert_healthy(database)
    assert_books_agree(bank, database)
    assert rows(database, _ASTRAY) == [], f"seed {SEED}"
    assert rows(database, _MESSAGES) == [], f"seed {SEED}"
    print(f"{JOURNEYS} journeys, seed {SEED}: {summary(database)}")


def sweep(system: System, done: Event) -> None:
    """Reconcile in two sidecars all the while, as if a minute passed in a second."""
    with connect(system) as own:
        while not done.wait(1):
            make_due(own)
            read_lists_again(own)
            reconcile(system, REPLICAS)


def settle_everything(system: System, bank: Bank, database: Connection) -> None:
    """Repair the bank, let all deadlines pass, and reconcile until nothing is open."""
    bank.repair()
    changed(database, "update app.payments set expires_at = clock_timestamp()")
    for _ in range(2):  # what a first round verifies, a second gives back
        end_leases(database)
        make_due(database)
        read_lists_again(database)
        reconcile(system, REPLICAS)
    query = "select count(*) from app.payments where status in ('INITIATED', 'PENDING')"
    assert value(database, query) == 0, f"seed {SEED}"


def assert_books_agree(bank: Bank, database: Connection) -> None:
    """Compare both books, payment by payment."""
    theirs = bank.sessions()
    ours = {row["authority"]: row for row in rows(database, _OURS)}
    unlike = []
    for authority, session in theirs.items():
        payment = ours.pop(authority, None)
        if payment is None:  # opened, and the answer was lost: nobody was sent there
            is_like = session["status"] == "IN_BANK"
        elif payment["status"] == "VERIFIED":
            is_back = payment["refund"] == "REVERSED"
            is_like = (
                session["status"] == ("REVERSED" if is_back else "VERIFIED")
                and session["rials"] == payment["amount_rials"]
                and str(session["ref_id"]) == payment["ref_id"]
            )
        else:
            is_like = session["status"] in {"IN_BANK", "FAILED"}
        if not is_like:
            unlike.append((session, payment))
    assert (unlike, ours) == ([], {}), f"seed {SEED}"


def summary(database: Connection) -> dict[str, int]:
    """Count how the attempts and their refunds ended."""
    counts: dict[str, int] = {}
    for row in rows(database, _OURS):
        key = " ".join(filter(None, (row["status"], row["refund"])))
        counts[key] = counts.get(key, 0) + 1
    return counts


def connect(system: System) -> Connection:
    """Open a connection of a thread's own."""
    return psycopg.connect(system.database_url, autocommit=True, row_factory=dict_row)
