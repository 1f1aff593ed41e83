"""The notification stream through nginx: at once, for whom it is for, to the end."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from http import HTTPStatus

from stack.background import System
from tests.support import web
from tests.support.api import Api, paid_consultation
from tests.support.database import Connection, value
from tests.support.events import PATH, Event, listening


def token(api: Api) -> str:
    """Return the client's access token."""
    assert api.access_token
    return api.access_token


def about(events: Iterator[Event], consultation_id: str, kind: str) -> Event:
    """Wait for an event about a consultation; others' are passed over."""
    return next(
        event
        for event in events
        if event.data["payload"].get("consultationId") == consultation_id
        and event.type == kind
    )


def hear_of_a_payment(
    events: Iterator[Event], owner: Api, database: Connection
) -> tuple[Event, float]:
    """Pay, wait for the admins' event, and tell how many seconds it took.

    The row was written before the commit: the truth is even better.
    """
    event = about(events, paid_consultation(owner), "NEW_CONSULTATION")
    seen_at = time.time()
    query = "select created_at from app.notifications where id = %(id)s"
    written_at = value(database, query, id=event.id)
    return event, seen_at - written_at.timestamp()


def test_an_admins_stream_shows_a_paid_consultation_within_a_second_of_its_commit(
    system: System, admin: Api, owner: Api, database: Connection
) -> None:
    with listening(system.api_url, token(admin)) as events:
        # A busy machine may be late once.
        heard = [hear_of_a_payment(events, owner, database) for _ in range(3)]
    assert 0 <= min(delay for _, delay in heard) < 1
    listed = admin.call("GET", "/notifications", query={"limit": "100"}).data
    assert heard[-1][0].data in listed  # the very same shape as in the list


def test_an_owner_hears_of_the_payment_and_comes_back_without_a_loss(
    system: System, owner: Api, stranger: Api
) -> None:
    with ExitStack() as stack:
        events = stack.enter_context(listening(system.api_url, token(owner)))
        consultation_id = paid_consultation(owner)
        first = next(events)
    assert (first.type, first.data["isRead"]) == ("PAYMENT_SUCCESS", False)
    assert first.data["payload"]["consultationId"] == consultation_id
    paid_consultation(stranger)
    with listening(system.api_url, token(owner), first.id) as events:
        again = [next(events), next(events)]
    assert [event.type for event in again] == [
        "PAYMENT_SUCCESS",  # the overlap
        "APPOINTMENT_CONFIRMED",
    ]


def test_a_stream_ends_when_its_person_signs_out(system: System, owner: Api) -> None:
    with listening(system.api_url, token(owner)) as events:
        assert owner.call("POST", "/auth/logout").status == HTTPStatus.OK
        assert list(events) == []
    assert owner.call("GET", "/notifications/stream").code == "UNAUTHENTICATED"


def test_the_stream_keeps_to_the_contract_in_what_it_refuses(
    system: System, anybody: Api, owner: Api
) -> None:
    assert anybody.call("GET", "/notifications/stream").code == "UNAUTHENTICATED"
    refused = owner.call("POST", "/notifications/stream", {})
    assert (refused.status, refused.code) == (405, "METHOD_NOT_ALLOWED")
    bad = owner.call("GET", "/notifications/stream", headers={"Last-Event-ID": "x"})
    assert (bad.status, bad.code) == (422, "VALIDATION_FAILED")
    preflight = web.request(
        "OPTIONS", f"{system.api_url}{PATH}", headers={"Origin": system.api_url}
    )
    assert preflight.status_code == HTTPStatus.NO_CONTENT
