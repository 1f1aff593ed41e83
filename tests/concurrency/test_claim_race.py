"""Sidecars that look for work at the same time."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.support.database import Connection, Database, rows
from tests.support.factories import (
    free_slots,
    hold_slot,
    make_consultation,
    make_doctor,
    make_user,
    start_payment,
)

PAYMENTS, SIDECARS = 6, 3
_CLAIM = "select * from sidecar.claim_settlements(%(max_rows)s, '1 minute')"
# What it would be without the locks: everybody reads the same rows.
_READ = """
    select id from app.payments where next_inquiry_at <= clock_timestamp()
    order by next_inquiry_at limit %(max_rows)s
"""


@pytest.fixture
def sidecars(fresh_db: Database) -> Iterator[list[Connection]]:
    """Connections in open transactions, and payments that are due."""
    with fresh_db.connect() as conn:
        make_doctor(conn)
        for start_at in free_slots(conn, make_user(conn))[:PAYMENTS]:
            owner = make_user(conn)
            consultation_id = make_consultation(conn, owner)
            hold_slot(conn, owner, consultation_id, start_at)
            start_payment(conn, owner, consultation_id)
        conn.execute("update app.payments set next_inquiry_at = clock_timestamp()")
        conn.commit()
    with ExitStack() as stack:
        yield [stack.enter_context(fresh_db.connect()) for _ in range(SIDECARS)]


@pytest.mark.parametrize(("query", "shared"), [(_CLAIM, False), (_READ, True)])
def test_nobody_is_given_what_another_has_claimed(
    sidecars: list[Connection], query: str, shared: bool
) -> None:
    """All transactions are still open: nobody waits, and nothing is given twice."""
    share = PAYMENTS // SIDECARS
    taken = [
        tuple(next(iter(row.values())) for row in rows(conn, query, max_rows=share))
        for conn in sidecars
    ]
    given = [payment_id for batch in taken for payment_id in batch]
    assert len(given) == PAYMENTS
    assert (len(set(given)) < PAYMENTS) is shared
