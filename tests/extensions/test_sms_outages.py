"""A provider that refuses us: sending pauses, admins hear of it once, nothing burns."""

from functools import partial
from typing import Any

import pytest

from api_extensions.sms import outcomes, worker
from api_extensions.sms.provider import FailureKind, Message, NotSent
from tests.extensions.conftest import Load
from tests.extensions.outbox import Outbox, Scripted
from tests.support.database import Database, one, rows

REFUSED = NotSent(FailureKind.CONFIGURATION, "418: the credit does not suffice")


@pytest.fixture
def outbox(fresh_db: Database, load: Load, monkeypatch: pytest.MonkeyPatch) -> Outbox:
    """An empty outbox; polls and retries follow quickly."""
    monkeypatch.setattr(worker, "POLL_INTERVAL", 0.02)
    monkeypatch.setattr(outcomes, "RETRY_BASE", 0.01)
    return Outbox(fresh_db, load)


def outage(outbox: Outbox) -> dict[str, Any]:
    """Give the only outage there was."""
    with outbox.database.connect() as conn:
        return one(conn, "select * from app.sms_outages")


def alerts(outbox: Outbox) -> list[Any]:
    """Give the payloads of the alerts to admins."""
    query = """
        select payload from app.notifications
        where type = 'SMS_PAUSED' and target_role = 'ADMIN'
    """
    with outbox.database.connect() as conn:
        return [row["payload"] for row in rows(conn, query)]


def tried(outbox: Outbox) -> list[dict[str, Any]]:
    """Give the messages that were refused for being busy."""
    return [message for message in outbox.messages() if message["error"] == "busy"]


def was_told(outbox: Outbox, times: int) -> bool:
    """Tell whether the admins were told so often."""
    return len(alerts(outbox)) == times


def has_failed_more(outbox: Outbox, failures: int) -> bool:
    """Tell whether more probes than these have failed."""
    return bool(outage(outbox)["failures"] > failures)


def make_probe_due(outbox: Outbox) -> None:
    """Let the pause between two probes run out."""
    statement = "update app.sms_outages set next_probe_at = clock_timestamp()"
    assert outbox.change(statement) == 1


def looks(count: int) -> Any:
    """Make a condition that holds after so many looks, some rounds of the workers."""
    left = iter(range(count))
    return lambda: next(left, None) is None


def test_a_refusal_pauses_all_workers_and_tells_the_admins_once(outbox: Outbox) -> None:
    outbox.queue(100)
    providers = [Scripted(*[REFUSED] * 100), Scripted(*[REFUSED] * 100)]
    outbox.work(providers, looks(40))
    tried = sum(len(provider.bodies) for provider in providers)
    # What was in flight at that moment: four a worker; and as many probes, at most one.
    assert 1 <= tried <= 9
    assert outbox.statuses() == {"QUEUED"}
    assert sum(message["attempts"] for message in outbox.messages()) == 1
    assert alerts(outbox) == [{"provider": "scripted", "reason": REFUSED.error}]


def test_a_probe_that_succeeds_resumes_all_sending_at_once(outbox: Outbox) -> None:
    outbox.queue(30)
    outbox.work([Scripted(*[REFUSED] * 30)], lambda: bool(alerts(outbox)))
    make_probe_due(outbox)
    provider = Scripted()
    outbox.work([provider], outbox.is_over)
    assert outbox.statuses() == {"SENT"}
    assert sorted(provider.bodies, key=int) == [str(n) for n in range(1, 31)]
    assert outage(outbox)["ended_at"] is not None


def test_pauses_grow_while_probes_fail_and_the_alert_is_not_repeated(
    outbox: Outbox,
) -> None:
    outbox.queue(3)
    provider = Scripted(*[REFUSED] * 50)
    outbox.work([provider], lambda: bool(alerts(outbox)))
    pauses = []
    for failures in range(outage(outbox)["failures"], 12):
        make_probe_due(outbox)
        outbox.work([provider], partial(has_failed_more, outbox, failures))
        state = outage(outbox)
        pauses.append((state["next_probe_at"] - state["updated_at"]).total_seconds())
    assert 29 < pauses[0] < 61
    assert 900 <= pauses[-1] <= 1801
    assert pauses[-1] > 8 * pauses[0]
    assert len(alerts(outbox)) == 1
    assert sum(message["attempts"] for message in outbox.messages()) == 1


def test_one_worker_at_a_time_sends_the_probe(outbox: Outbox) -> None:
    outbox.queue(20)
    outbox.work([Scripted(*[REFUSED] * 20)], lambda: bool(alerts(outbox)))
    make_probe_due(outbox)
    providers = [Scripted(*[REFUSED] * 20) for _ in range(3)]
    outbox.work(providers, looks(40))
    assert sum(len(provider.bodies) for provider in providers) == 1


def test_starting_a_worker_looks_at_once_whether_it_is_over(outbox: Outbox) -> None:
    """Whoever repaired SMS_API_KEY has restarted the worker to make it known."""
    outbox.queue(5)
    outbox.work([Scripted(*[REFUSED] * 5)], lambda: bool(alerts(outbox)))
    outbox.work([Scripted()], outbox.is_over)
    assert outbox.statuses() == {"SENT"}


def test_a_probe_that_fails_otherwise_shows_nothing(outbox: Outbox) -> None:
    outbox.queue(2)
    outbox.work([Scripted(*[REFUSED] * 2)], lambda: bool(alerts(outbox)))
    busy = NotSent(FailureKind.TRANSIENT, "busy")
    provider = Scripted(busy)
    outbox.work([provider], looks(20))
    state = outage(outbox)
    assert provider.bodies == [message["body"] for message in tried(outbox)]
    assert (state["ended_at"], state["probe_id"]) == (None, None)
    assert state["next_probe_at"] > state["updated_at"]


def test_a_second_outage_is_told_of_again(outbox: Outbox) -> None:
    for number in (1, 2):
        outbox.change("delete from app.sms_messages where status = 'SENT'")
        outbox.queue()
        outbox.work([Scripted(REFUSED)], partial(was_told, outbox, number))
        outbox.work([Scripted()], outbox.is_over)
    assert len(alerts(outbox)) == 2


def test_a_message_that_alone_is_refused_does_not_begin_outages_for_ever(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "MAX_ATTEMPTS", 3)
    outbox.queue()

    class Picky(Scripted):
        async def send(self, message: Message) -> Any:
            answer = await super().send(message)
            return REFUSED if message.body == "1" else answer

    for number in (2, 3, 4, 5):
        outbox.work([Picky()], looks(10))
        outbox.change(
            "insert into app.sms_messages (event, subject, recipient, body)"
            " values ('TEST', %(n)s, '09121234567', %(n)s)",
            n=str(number),
        )
        outbox.change(
            "update app.sms_messages set next_attempt_at = now() - interval '1 hour'"
            " where body = %(n)s",
            n=str(number),
        )
    outbox.work([Picky()], outbox.is_over)
    assert [m["status"] for m in outbox.messages()] == ["FAILED", *["SENT"] * 4]
