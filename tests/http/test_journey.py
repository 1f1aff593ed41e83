"""The journey of the demo, step by step, on the real parts."""

import pytest

import demo.__main__ as command
from demo.client import Client
from demo.journey import Journey
from demo.sms import wait_for_sms
from stack.background import System
from tests.support.api import Api
from tests.support.database import Connection, changed, rows


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


def test_the_demo_fails_unless_all_of_it_is_true(
    system: System, database: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUN_DIR", str(system.run_dir))
    command.main()
    changed(database, "update app.doctors set is_active = false")
    try:
        with pytest.raises(SystemExit, match="1"):
            command.main()
    finally:
        changed(database, "update app.doctors set is_active = true")


def test_without_a_system_the_demo_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RUN_DIR", "/nonexistent")
    with pytest.raises(SystemExit, match="1"):
        command.main()
    assert "make run" in capsys.readouterr().out
