"""What is due is found by an index, however much is not due yet or done for good.

The connections are as old as the database: the plans that they keep are from when its
tables were empty.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support.bulk import load_history, without_triggers
from tests.support.database import Connection, Database, rows, value
from tests.support.factories import make_doctor

pytestmark = pytest.mark.once

WAITING, DUE = 10_000, 5
# Each due row, its consultation, and what the query reads to see that there is no more.
FEW = 100
READ = """
    select coalesce(max(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)
    from pg_stat_xact_user_tables where schemaname = 'app'
"""
PLANS_ARE_KEPT_AFTER = 6
# The past is done; of what is left, all but a few rows wait for their time.
QUEUES = """
    update app.consultations c
    set status = 'DRAFT', expires_at = now() + interval '1 day';
    update app.appointments a
    set status = 'HELD', hold_expires_at = now() + interval '10 minutes';
    update app.payments p
    set status = 'PENDING', next_inquiry_at = now() + interval '1 hour';
    insert into app.sms_messages (event, subject, recipient, body, next_attempt_at)
    select 'APPOINTMENT_MOVED', n::text, '09120000000', 'متن', now() + interval '1 hour'
    from generate_series(1, %(waiting)s) as n;
    insert into app.object_deletions (object_key, reason, next_attempt_at)
    select n::text, 'MEDIA_DELETED', now() + interval '1 hour'
    from generate_series(1, %(waiting)s) as n;
    insert into app.notifications (target_role, user_id, type, transaction_id)
    select 'USER', u.id, 'SLOT_LOST', '1' from app.users u;
    insert into app.notifications (target_role, type, transaction_id)
    select 'ADMIN', 'SLOT_LOST', '1' from generate_series(1, %(waiting)s);
"""


@dataclass(frozen=True)
class Queue:
    """Something that is looked through again and again.

    Attributes:
        login: who does it.
        look: the statement; it gives how many rows were due.
        table: where they are.
        due: what makes a row due.
        index: by which they are found.
    """

    login: str
    look: str
    table: str
    due: str
    index: str


LONG_AGO = "now() - interval '1 minute'"
EXPLAINED = {
    "expired holds": Queue(
        "job_runner",
        "select app.run_job('holds:release-expired')",
        "appointments",
        f"hold_expires_at = {LONG_AGO}",
        "appointments_hold_expires_at_idx",
    ),
    "SMS to be sent": Queue(
        "sidecar",
        "select count(*) from sidecar.claim_sms('me', 50, '1 minute')",
        "sms_messages",
        f"next_attempt_at = {LONG_AGO}",
        "sms_messages_queue_idx",
    ),
    "attempts to be reconciled": Queue(
        "sidecar",
        "select count(*) from sidecar.claim_settlements(50, '1 minute')",
        "payments",
        f"next_inquiry_at = {LONG_AGO}",
        "payments_next_inquiry_at_idx",
    ),
    "objects to be deleted": Queue(
        "sidecar",
        "select count(*) from sidecar.claim_object_deletions(50)",
        "object_deletions",
        f"next_attempt_at = {LONG_AGO}",
        "object_deletions_next_attempt_at_idx",
    ),
    "news for an admin's stream": Queue(
        "sidecar",
        """
        select jsonb_array_length(news)
        from sidecar.follow_notifications('1000', '{}', '{}', '{app_admin}')
        """,
        "notifications",
        "transaction_id = '1000000', target_role = 'ADMIN'",
        "notifications_transaction_id_idx",
    ),
}


def look(conn: Connection, queue: Queue) -> tuple[int, int]:
    """Look; return how many were due, and the most that a table was read of."""
    with conn.transaction(force_rollback=True):
        return value(conn, queue.look), value(conn, READ)


@pytest.fixture
def full(fresh_db: Database, queue: Queue) -> Iterator[Connection]:
    """A connection that made its plans on empty tables, which are full now.

    Autovacuum is off, so that none is made anew when the tables are half full.
    """
    with (
        fresh_db.connect(queue.login, autocommit=True) as conn,
        fresh_db.connect(autocommit=True) as owner,
    ):
        for table in {"appointments", "consultations", queue.table}:
            owner.execute(
                f"alter table app.{table} set (autovacuum_enabled = off)".encode()
            )
        owner.execute("analyze")
        for _ in range(PLANS_ARE_KEPT_AFTER):
            assert look(conn, queue)[0] == 0
        make_doctor(owner)
        load_history(owner, WAITING)
        with without_triggers(owner), owner.transaction():
            for statement in QUEUES.split(";")[:-1]:
                rows(owner, f"{statement} returning 1", waiting=WAITING)
            due = f"""
                update app.{queue.table} set {queue.due} where ctid in (
                    select ctid from app.{queue.table} limit {DUE})
                returning 1
            """
            assert len(rows(owner, due)) == DUE
        yield conn


@pytest.mark.parametrize("queue", EXPLAINED.values(), ids=list(EXPLAINED))
def test_what_is_due_is_found_among_what_is_not(full: Connection, queue: Queue) -> None:
    found, read = look(full, queue)
    assert found == DUE
    assert read <= FEW


@pytest.mark.parametrize("queue", list(EXPLAINED.values())[:1], ids=["holds"])
def test_without_its_index_everything_is_read(
    full: Connection, fresh_db: Database, queue: Queue
) -> None:
    """The test above can fail."""
    with fresh_db.connect(autocommit=True) as owner:
        owner.execute(f"drop index app.{queue.index}".encode())
    assert look(full, queue)[1] >= WAITING
