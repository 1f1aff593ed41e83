"""sidecar.claim_sms, finish_sms, retry_sms and fail_sms."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.db.helpers import ask
from tests.support.database import Connection, Database, changed, one, rows
from tests.support.factories import make_user
from tests.support.roles import Person, as_role


def queue(db: Connection, owner: Person, count: int = 1) -> None:
    """Queue messages, the oldest first."""
    query = """
        select app.queue_sms(%(id)s, 'TEST', n::text, 'سلام ' || n)
        from generate_series(1, %(count)s) as n
    """
    rows(db, query, id=owner.user_id, count=count)


def claim(
    db: Connection, worker: str = "w1", max_rows: int = 10, seconds: int = 60
) -> list[dict[str, Any]]:
    """Claim messages for a worker."""
    query = "select * from sidecar.claim_sms(%(worker)s, %(max_rows)s, %(lease)s)"
    lease = timedelta(seconds=seconds)
    with as_role(db, "sidecar"):
        return rows(db, query, worker=worker, max_rows=max_rows, lease=lease)


def finish(db: Connection, message_id: UUID, worker: str = "w1") -> bool:
    """Record that the message was sent; return whether it was the worker's."""
    answer = ask(
        db,
        "sidecar.finish_sms",
        worker=worker,
        provider="console",
        can_report=False,
        ids=[message_id],
        provider_message_ids=["77"],
    )
    return bool(answer["finish_sms"] == [message_id])


def retry(db: Connection, message_id: UUID, worker: str, seconds: int) -> bool:
    """Put the message back."""
    answer = ask(
        db,
        "sidecar.retry_sms",
        id=message_id,
        worker=worker,
        error="timeout",
        delay=timedelta(seconds=seconds),
    )
    done: bool = answer["retry_sms"]
    return done


def fail(db: Connection, message_id: UUID, worker: str) -> bool:
    """Record that the message can't be sent."""
    answer = ask(db, "sidecar.fail_sms", id=message_id, worker=worker, error="blocked")
    done: bool = answer["fail_sms"]
    return done


def end_leases(db: Connection) -> None:
    """Let all leases and pauses run out."""
    changed(db, "update app.sms_messages set next_attempt_at = clock_timestamp()")


def test_a_message_is_claimed_sent_and_recorded(db: Connection, owner: Person) -> None:
    queue(db, owner)
    (message,) = claim(db)
    assert (message["recipient"], message["body"]) == (owner.mobile, "سلام 1")
    assert (message["attempts"], message["number"] > 0) == (1, True)
    assert finish(db, message["id"])
    row = one(db, "select * from app.sms_messages")
    assert (row["status"], row["provider"]) == ("SENT", "console")
    assert (row["provider_message_id"], row["error"]) == ("77", None)
    assert row["sent_at"] is not None
    end_leases(db)
    assert claim(db) == []


def test_the_longest_waiting_are_claimed_first_and_no_more_than_asked(
    db: Connection, owner: Person
) -> None:
    queue(db, owner, count=3)
    changed(
        db,
        """
        update app.sms_messages
        set next_attempt_at = next_attempt_at - make_interval(mins => subject::int)
        """,
    )
    assert sorted(m["body"] for m in claim(db, max_rows=2)) == ["سلام 2", "سلام 3"]
    assert [m["body"] for m in claim(db, "w2")] == ["سلام 1"]


def test_what_is_claimed_is_nobody_elses_until_the_lease_ends(
    db: Connection, owner: Person
) -> None:
    queue(db, owner)
    (first,) = claim(db, "dead")
    assert claim(db, "w2") == []
    end_leases(db)
    (taken_over,) = claim(db, "w2")
    assert (taken_over["id"], taken_over["attempts"]) == (first["id"], 2)


def test_who_lost_a_message_to_another_worker_records_nothing(
    db: Connection, owner: Person
) -> None:
    queue(db, owner)
    claim(db, "slow", seconds=0)
    (message,) = claim(db, "w2")
    before = rows(db, "select * from app.sms_messages")
    assert not finish(db, message["id"], "slow")
    assert not retry(db, message["id"], "slow", 5)
    assert not fail(db, message["id"], "slow")
    assert rows(db, "select * from app.sms_messages") == before
    assert finish(db, message["id"], "w2")


def test_a_message_is_retried_after_its_pause(db: Connection, owner: Person) -> None:
    queue(db, owner)
    (message,) = claim(db)
    assert retry(db, message["id"], "w1", 300)
    row = one(db, "select * from app.sms_messages")
    assert (row["status"], row["error"]) == ("QUEUED", "timeout")
    assert (row["claimed_by"], claim(db)) == (None, [])
    end_leases(db)
    (again,) = claim(db, "w2")
    assert finish(db, again["id"], "w2")
    assert one(db, "select error from app.sms_messages")["error"] is None


def test_a_failed_message_stays_failed(db: Connection, owner: Person) -> None:
    queue(db, owner)
    (message,) = claim(db)
    assert fail(db, message["id"], "w1")
    row = one(db, "select * from app.sms_messages")
    assert (row["status"], row["error"]) == ("FAILED", "blocked")
    end_leases(db)
    assert claim(db) == []
    assert not finish(db, message["id"], "w1")


def test_a_message_nobody_claimed_is_nobodys(db: Connection, owner: Person) -> None:
    queue(db, owner)
    message_id = one(db, "select id from app.sms_messages")["id"]
    assert not finish(db, message_id)
    assert one(db, "select status from app.sms_messages")["status"] == "QUEUED"


def test_many_are_recorded_at_once(db: Connection, owner: Person) -> None:
    queue(db, owner, count=3)
    mine = [message["id"] for message in claim(db, max_rows=2)]
    query = "select id from app.sms_messages where claimed_by is null"
    not_mine = one(db, query)["id"]
    answer = ask(
        db,
        "sidecar.finish_sms",
        worker="w1",
        provider="console",
        can_report=False,
        ids=[*mine, not_mine],
        provider_message_ids=["1", "2", "3"],
    )
    assert set(answer["finish_sms"]) == set(mine)
    query = "select id from app.sms_messages where status = 'SENT'"
    assert {row["id"] for row in rows(db, query)} == set(mine)


def test_workers_pass_over_what_another_is_claiming(fresh_db: Database) -> None:
    with fresh_db.connect(autocommit=True) as conn, fresh_db.connect() as other:
        queue(conn, make_user(conn), count=2)
        (first,) = claim(other, "w1", max_rows=1)
        (second,) = claim(conn, "w2")
        assert first["id"] != second["id"]


def test_workers_are_woken_when_the_message_is_committed(fresh_db: Database) -> None:
    with (
        fresh_db.connect(autocommit=True) as conn,
        fresh_db.connect("sidecar", autocommit=True) as worker,
    ):
        worker.execute("listen sms_queued")
        owner = make_user(conn)
        with conn.transaction():
            queue(conn, owner)
            assert list(worker.notifies(timeout=0)) == []
        (notice,) = worker.notifies(timeout=5, stop_after=1)
        assert (notice.channel, notice.payload) == ("sms_queued", "")
