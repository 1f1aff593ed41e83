"""Where sent messages end: asked for until it is known, or for two days."""

from typing import Any

import pytest

from api_extensions.db import Database as Pool
from api_extensions.sms.deliveries import DeliveryPoller
from api_extensions.sms.provider import Delivery
from tests.extensions.conftest import Load
from tests.extensions.outbox import Outbox, Scripted
from tests.support.database import Database


@pytest.fixture
def outbox(fresh_db: Database, load: Load) -> Outbox:
    """An outbox of three messages that were sent."""
    outbox = Outbox(fresh_db, load)
    outbox.queue(3)
    outbox.work([Scripted()], outbox.is_over)
    return outbox


def make_due(outbox: Outbox) -> None:
    """Let the pause before the next question run out."""
    outbox.change(
        "update app.sms_messages set delivery_due_at = clock_timestamp()"
        " where delivery_due_at is not null"
    )


def poll(outbox: Outbox, known: dict[str, Delivery]) -> None:
    """Do one round of asking, with a provider that knows this."""
    provider = Scripted()
    provider.known = known

    async def play(pool: Pool) -> None:
        await DeliveryPoller(pool, provider).poll()

    outbox.run(play)


def deliveries(outbox: Outbox) -> list[tuple[Any, bool]]:
    """Give each message's delivery, and whether it will be asked for again."""
    return [
        (message["delivery"], message["delivery_due_at"] is not None)
        for message in outbox.messages()
    ]


def test_a_message_that_was_sent_is_on_its_way(outbox: Outbox) -> None:
    assert deliveries(outbox) == [("PENDING", True)] * 3


def test_an_end_is_recorded_and_not_asked_for_again(outbox: Outbox) -> None:
    make_due(outbox)
    poll(outbox, {"p-1": Delivery.DELIVERED, "p-2": Delivery.PENDING})
    expected = [("DELIVERED", False), ("PENDING", True), ("PENDING", True)]
    assert deliveries(outbox) == expected
    make_due(outbox)
    poll(outbox, {"p-1": Delivery.FAILED, "p-2": Delivery.BLOCKED})
    expected[1] = ("BLOCKED", False)
    assert deliveries(outbox) == expected


def test_nothing_is_asked_for_before_its_time(outbox: Outbox) -> None:
    poll(outbox, {"p-1": Delivery.DELIVERED})
    assert deliveries(outbox) == [("PENDING", True)] * 3


def test_it_is_asked_less_and_less_often(outbox: Outbox) -> None:
    pauses = []
    for age in ("1 minute", "1 hour", "1 day"):
        outbox.change(
            "update app.sms_messages set sent_at = now() - %(age)s::interval",
            age=age,
        )
        make_due(outbox)
        poll(outbox, {})
        message = outbox.messages()[0]
        pause = message["delivery_due_at"] - message["updated_at"]
        pauses.append(pause.total_seconds())
    assert 50 < pauses[0] < 70
    assert 1600 < pauses[1] < 2000
    assert 38000 < pauses[2] < 48000


def test_after_two_days_nobody_is_asked_any_more(outbox: Outbox) -> None:
    outbox.change("update app.sms_messages set sent_at = now() - interval '49 hours'")
    make_due(outbox)
    poll(outbox, {"p-1": Delivery.DELIVERED})
    assert deliveries(outbox) == [("UNKNOWN", False)] * 3


def test_another_providers_messages_are_not_asked_for_here(outbox: Outbox) -> None:
    outbox.change("update app.sms_messages set provider = 'another'")
    make_due(outbox)
    poll(outbox, {"p-1": Delivery.DELIVERED})
    assert deliveries(outbox) == [("PENDING", True)] * 3


def test_a_provider_that_can_not_tell_leaves_it_open(
    fresh_db: Database, load: Load
) -> None:
    outbox, provider = Outbox(fresh_db, load), Scripted()
    provider.delivery_batch = 0
    outbox.queue()
    outbox.work([provider], outbox.is_over)
    assert deliveries(outbox) == [(None, False)]
