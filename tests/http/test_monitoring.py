"""What operators see of a running system: one id through all logs, and the metrics."""

import http.client
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from ruamel.yaml import YAML

from stack.ask import UnixConnection
from stack.background import System
from stack.settings import ROOT
from tests.support.api import Api, held_consultation, new_pet
from tests.support.database import Connection, rows

MONITORING = ROOT / "deploy" / "monitoring"
_METRIC = re.compile(r"\bvetline_\w+")
# What the text format adds to a histogram's name.
_PART = re.compile(r"_(bucket|sum|count)$")


@pytest.fixture(scope="module")
def exposition(system: System) -> str:
    """The metrics, asked for where the gateway does not lead."""
    connection = UnixConnection(f"{system.run_dir}/sockets/sidecar.sock")
    connection.request("GET", "/metrics")
    answer = connection.getresponse()
    assert answer.status == http.client.OK
    text = answer.read().decode()
    connection.close()
    return text


def log_files(system: System) -> dict[str, Path]:
    """Return the logs by the names of the parts."""
    return {path.stem: path for path in (system.run_dir / "logs").glob("*.log")}


def log_lines(system: System, part: str, word: str) -> list[dict[str, Any]]:
    """Return the lines of a part's log that hold a word; they may come a bit later."""
    path = log_files(system)[part]
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        lines = path.read_text("utf-8").splitlines()
        if found := [json.loads(line) for line in lines if word in line]:
            return found
        time.sleep(0.02)
    return []


def audit_of(database: Connection, request_id: str) -> list[dict[str, Any]]:
    """Return what the audit log says of a request."""
    query = """
        select action, actor_user_id, meta ->> 'ip' as ip from app.audit_log
        where meta ->> 'request_id' = %(request_id)s
    """
    return rows(database, query, request_id=request_id)


def test_one_id_leads_from_the_gateway_through_postgrest_to_the_audit_row(
    system: System, owner: Api, database: Connection
) -> None:
    created = {"X-Request-Id": "trace-create-0001"}
    body = {"petId": new_pet(owner), "type": "SPECIALIST"}
    assert owner.call("POST", "/consultations", body, headers=created).data
    (line,) = log_lines(system, "access", "trace-create-0001")
    assert line["requestId"] == "trace-create-0001"
    assert line["status"] == http.client.CREATED
    (audit,) = audit_of(database, "trace-create-0001")
    assert (audit["action"], audit["ip"]) == ("CONSULTATION_CREATED", "127.0.0.1")


def test_what_the_database_refuses_is_found_in_its_log_by_the_same_id(
    system: System, owner: Api
) -> None:
    refused = {"X-Request-Id": "trace-refusal-0001"}
    answer = owner.call("DELETE", f"/pets/{UUID(int=0)}", headers=refused)
    assert answer.status == 404
    (line,) = log_lines(system, "postgres", "trace-refusal-0001")
    assert (line["request_id"], line["level"]) == ("trace-refusal-0001", "error")
    assert line["message"].startswith("NOT_FOUND: ")


def test_the_sidecar_logs_and_audits_the_same_id(
    system: System, owner: Api, database: Connection
) -> None:
    paying = {"X-Request-Id": "trace-payment-0001"}
    body = {"consultationId": held_consultation(owner)}
    assert owner.call("POST", "/payments/initiate", body, headers=paying).data
    lines = log_lines(system, "sidecar", "trace-payment-0001")
    assert lines[0]["request_id"] == "trace-payment-0001"
    actions = {row["action"] for row in audit_of(database, "trace-payment-0001")}
    assert "PAYMENT_INITIATED" in actions


def test_every_line_of_every_log_is_json(system: System, owner: Api) -> None:
    assert owner.call("GET", "/pets").data == []
    logs = log_files(system)
    assert {"access", "postgres", "postgrest", "s3", "sidecar", "jobs"} <= set(logs)
    for name, path in logs.items():
        for line in path.read_text("utf-8").splitlines():
            known = json.loads(line)
            assert known.get("time") or known.get("timestamp"), (name, line)


# Each is wrong in its own way, and has in it what nobody may read in a log.
_REFUSED = (
    "insert into app.users (role, name, mobile) values ('USER', 'x', %(mobile)s)",
    "select %(text)s::app.pet_type",
    "select %(text)s::uuid",
    "update app.consultations set message_text = %(text)s, base_price_toman = null",
    "insert into app.credentials (user_id, password_hash) values (null, %(hash)s)",
    "select 1 / 0, %(text)s, %(mobile)s, %(hash)s",
    'select "%(name)s"',
    "selekt %(text)s",
)


def test_no_statement_tells_the_log_what_people_wrote(
    system: System, owner: Api, database: Connection
) -> None:
    """Not even one with literals, such as a person types; nor a slow one."""
    secrets = {
        "mobile": f"'{owner.mobile}'",
        "text": "'گربه‌ام از دیروز خون بالا می‌آورد'",
        "hash": "'$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g'",
        "name": "گربه‌ام خون بالا می‌آورد",
    }
    for statement in _REFUSED:
        with pytest.raises(psycopg.Error):
            database.execute((statement % secrets).encode())
    slow = "select pg_sleep(0.6), %(text)s, %(mobile)s, %(hash)s"
    database.execute((slow % secrets).encode())
    (line,) = log_lines(system, "postgres", "duration: ")[-1:]
    assert "pg_sleep(0.6), '***', '***', '***'" in line["message"]
    errors = log_lines(system, "postgres", '"level": "error"')
    assert len(errors) >= len(_REFUSED)
    for path in log_files(system).values():
        log = path.read_text("utf-8", "replace")
        for secret in (owner.mobile, "خون", "c2FsdHNhbHQ"):
            assert secret not in log, path


def test_no_log_has_a_mobile_or_a_password(system: System, owner: Api) -> None:
    """Signing in, a refusal that quotes a key, and a failed sign-in are all logged."""
    body = {"name": "نگار", "mobile": owner.mobile, "password": owner.password}
    assert owner.call("POST", "/auth/register", body).status == 409
    wrong = {"mobile": owner.mobile, "password": f"{owner.password}x"}
    assert owner.call("POST", "/auth/login", wrong).status == 401
    for path in log_files(system).values():
        text = path.read_text("utf-8", "replace")
        assert owner.mobile not in text, path
        assert owner.password not in text, path


@pytest.mark.parametrize(
    "path", ["/metrics", "/api/v1/metrics", "/rest/v1/metrics", "/api/v1/../../metrics"]
)
def test_nobody_reaches_the_metrics_from_outside(anybody: Api, path: str) -> None:
    answer = anybody.send("GET", path)
    assert answer.status_code == 404
    assert "vetline_" not in answer.text


def test_ready_means_that_the_database_answers(anybody: Api) -> None:
    assert anybody.send("GET", "/readyz").json()["data"] == {"status": "ready"}


def alert_rules() -> list[dict[str, str]]:
    """Return the alerts."""
    alerts = YAML(typ="safe").load(MONITORING / "alerts.yml")
    return [rule for group in alerts["groups"] for rule in group["rules"]]


def named_metrics() -> Iterator[tuple[str, str]]:
    """Yield each expression of the alerts and the dashboard, with where it stands."""
    for rule in alert_rules():
        yield rule["alert"], rule["expr"]
    dashboard = json.loads((MONITORING / "dashboard.json").read_text("utf-8"))
    for panel in dashboard["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]


def test_alerts_and_dashboard_name_only_metrics_that_there_are(exposition: str) -> None:
    shown = set(re.findall(r"^# TYPE (\w+)", exposition, re.MULTILINE))
    for place, expression in named_metrics():
        found = {_PART.sub("", name) for name in _METRIC.findall(expression)}
        assert found, place
        assert found <= shown, place


def test_each_alert_is_explained_to_whom_it_wakes() -> None:
    manual = (ROOT / "docs" / "operations.md").read_text("utf-8")
    for rule in alert_rules():
        assert f"**{rule['alert']}**" in manual
