"""The journey of the demo, step by step, on the real parts."""

from demo.client import Client
from demo.journey import Journey
from demo.sms import wait_for_sms
from stack.background import System
from tests.support.api import Api
from tests.support.database import Connection, rows


def test_an_owner_gets_from_registration_to_a_scheduled_call(
    system: System, database: Connection
) -> None:
    with Client(system.api_url) as client:
        journey = Journey(client)
        titles = [title for title, _ in journey.play()]
    sms = wait_for_sms(system.database_url, journey.mobile, journey.consultation_id)

    assert "Her consultation is scheduled" in titles
    assert "۱۴۰" in sms  # a Jalali date in Persian digits
    assert not rows(database, "select * from app.invariants()")


def test_the_request_id_reaches_the_audit_log(owner: Api, database: Connection) -> None:
    sent = {"X-Request-Id": "journey-0123456789abcdef"}
    pet = {"type": "DOG", "name": "رکس"}
    answer = owner.call("POST", "/pets", pet, headers=sent)
    logged = rows(
        database,
        "select action from app.audit_log where meta ->> 'request_id' = %(id)s",
        id=sent["X-Request-Id"],
    )
    assert answer.headers["X-Request-Id"] == sent["X-Request-Id"]
    assert [row["action"] for row in logged] == ["PET_CREATED"]
