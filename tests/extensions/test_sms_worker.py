"""The outbox's worker on a real outbox: nothing is lost, and nothing sent twice."""

from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

from api_extensions.settings import UnknownPolicy
from api_extensions.sms import outcomes, recorder, worker
from api_extensions.sms.provider import FailureKind, Message, NotSent, Sent
from tests.extensions.conftest import Load
from tests.extensions.outbox import Outbox, Scripted, wait
from tests.support.database import Database


@pytest.fixture
def outbox(fresh_db: Database, load: Load, monkeypatch: pytest.MonkeyPatch) -> Outbox:
    """An empty outbox; polls and retries follow quickly."""
    monkeypatch.setattr(worker, "POLL_INTERVAL", 0.02)
    monkeypatch.setattr(outcomes, "RETRY_BASE", 0.01)
    return Outbox(fresh_db, load)


def is_listening(outbox: Outbox) -> bool:
    """Tell whether the worker's listener has connected and said what it hears."""
    query = """
        select exists (
            select from pg_stat_activity
            where application_name = 'sms-listener' and query = 'listen sms_queued'
              and state = 'idle' and datname = current_database())
    """
    with psycopg.connect(outbox.database.url()) as superuser:
        return superuser.execute(query).fetchone() == (True,)


def cut_listeners(outbox: Outbox) -> None:
    """End the connections that hear of new messages, as a network would."""
    with psycopg.connect(outbox.database.url()) as superuser:
        superuser.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'sms-listener' and datname = current_database()"
        )


def test_a_notification_wakes_the_worker(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "POLL_INTERVAL", 3600.0)
    outbox.work([Scripted()], outbox.is_over, start=outbox.queue)
    (message,) = outbox.messages()
    assert (message["status"], message["attempts"]) == ("SENT", 1)
    assert (message["provider"], message["provider_message_id"]) == ("scripted", "p-1")
    assert message["claimed_by"] is None


def test_a_lost_listener_comes_back_and_misses_nothing(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without polling, only a notification or a reconnection can wake the worker."""
    monkeypatch.setattr(worker, "POLL_INTERVAL", 3600.0)

    def lose_it() -> None:
        wait(lambda: is_listening(outbox))
        cut_listeners(outbox)
        outbox.queue(3)  # nobody listens now: this is heard of by the reconnection

    outbox.work([Scripted()], outbox.is_over, start=lose_it)
    assert [message["status"] for message in outbox.messages()] == ["SENT"] * 3


def test_without_any_notification_polling_finds_it(outbox: Outbox) -> None:
    def queue_silently() -> None:
        outbox.change("alter table app.sms_messages disable trigger user")
        outbox.queue()

    outbox.work([Scripted()], outbox.is_over, start=queue_silently)
    assert outbox.statuses() == {"SENT"}


@pytest.mark.parametrize("kind", [FailureKind.TRANSIENT, FailureKind.UNKNOWN])
def test_a_passing_failure_is_tried_again(outbox: Outbox, kind: FailureKind) -> None:
    outbox.queue()
    failures = [NotSent(kind, "later")] * 2
    outbox.work([Scripted(*failures)], outbox.is_over)
    (message,) = outbox.messages()
    assert (message["status"], message["attempts"]) == ("SENT", 3)
    assert message["error"] is None


def test_a_permanent_failure_ends_a_message_with_its_reason(outbox: Outbox) -> None:
    outbox.queue()
    provider = Scripted(NotSent(FailureKind.PERMANENT, "no such number"))
    outbox.work([provider], outbox.is_over)
    (message,) = outbox.messages()
    assert (message["status"], message["error"]) == ("FAILED", "no such number")
    assert provider.bodies == ["1"]


def test_too_many_tries_end_a_message(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "MAX_ATTEMPTS", 2)
    outbox.queue()
    failures = [NotSent(FailureKind.TRANSIENT, "busy")] * 9
    outbox.work([Scripted(*failures)], outbox.is_over)
    (message,) = outbox.messages()
    assert (message["status"], message["attempts"]) == ("FAILED", 2)


def test_a_number_that_is_another_messages_there_is_changed(outbox: Outbox) -> None:
    outbox.queue()
    (before,) = outbox.messages()
    taken = NotSent(FailureKind.NUMBER_TAKEN, "another one's")
    outbox.work([Scripted(taken)], outbox.is_over)
    (message,) = outbox.messages()
    assert message["status"] == "SENT"
    assert message["number"] > before["number"]


def test_what_a_dead_worker_claimed_is_taken_over(outbox: Outbox) -> None:
    outbox.queue()
    outbox.claim(lease=timedelta(milliseconds=50))
    outbox.work([Scripted()], outbox.is_over)
    (message,) = outbox.messages()
    assert (message["status"], message["attempts"]) == ("SENT", 2)


def test_what_a_live_worker_claimed_is_left_alone(outbox: Outbox) -> None:
    outbox.queue()
    outbox.claim(lease=timedelta(hours=1))
    provider, looks = Scripted(), iter(range(20))
    outbox.work([provider], lambda: next(looks, None) is None)
    assert provider.bodies == []


Arrange = Callable[[Outbox], list[Sent | NotSent]]


def no_answer(_: Outbox) -> list[Sent | NotSent]:
    """The provider took a message, or not, and did not say."""
    return [NotSent(FailureKind.UNKNOWN, "no answer")]


def a_death(outbox: Outbox) -> list[Sent | NotSent]:
    """A worker died while it was sending."""
    outbox.claim(lease=timedelta())
    return []


@pytest.mark.parametrize("arrange", [no_answer, a_death])
@pytest.mark.parametrize(
    ("unknown", "is_repeatable", "status"),
    [
        (UnknownPolicy.RETRY, False, "SENT"),
        (UnknownPolicy.FAIL, False, "FAILED"),
        (UnknownPolicy.FAIL, True, "SENT"),
    ],
)
def test_what_may_have_been_sent_is_sent_again_only_where_that_is_wanted(
    outbox: Outbox,
    arrange: Arrange,
    unknown: UnknownPolicy,
    is_repeatable: bool,
    status: str,
) -> None:
    outbox.queue()
    provider = Scripted(*arrange(outbox), is_repeatable=is_repeatable)
    outbox.work([provider], outbox.is_over, unknown=unknown)
    assert outbox.statuses() == {status}


def test_a_provider_that_breaks_does_not_stop_the_others(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LEASE", timedelta(seconds=1))
    outbox.queue(5)
    provider = Scripted(RuntimeError("bug"))
    outbox.work([provider], outbox.is_over)
    assert outbox.statuses() == {"SENT"}
    assert len(provider.bodies) == 6  # the broken one again, when its lease had ended


def test_what_was_sent_while_the_database_was_away_is_not_sent_again(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database goes away between the provider's answer and its recording."""
    monkeypatch.setattr(recorder, "AGAIN_BASE", 0.01)
    outbox.queue(4)

    class Cutting(Scripted):
        async def send(self, message: Message) -> Sent | NotSent:
            with psycopg.connect(outbox.database.url()) as superuser:
                superuser.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where application_name = 'sidecar'"
                    " and datname = current_database()"
                )
            return await super().send(message)

    provider = Cutting()
    outbox.work([provider], outbox.is_over)
    assert sorted(provider.bodies) == ["1", "2", "3", "4"]
    assert outbox.statuses() == {"SENT"}


def test_workers_share_the_queue_and_keep_to_their_limit(outbox: Outbox) -> None:
    outbox.queue(60)
    providers = [Scripted(), Scripted(), Scripted()]
    outbox.work(providers, outbox.is_over)
    sent = [body for provider in providers for body in provider.bodies]
    assert sorted(sent, key=int) == [str(n) for n in range(1, 61)]
    assert 1 < max(provider.most_in_flight for provider in providers) <= 4
