"""GET /admin/export/*.csv, through the whole stack."""

import csv
import io
import time
from collections.abc import Iterator
from datetime import date
from uuid import uuid4

import httpx
import jdatetime
import pytest

from stack.background import System
from tests.http.test_monitoring import log_lines
from tests.support.api import Api, started_payment
from tests.support.database import Connection, changed, one, value

FILES = ["consultations", "payments", "summary"]
PERIOD = {"from": "2026-01-01", "to": "2027-12-31"}


def download(api: Api, kind: str, **query: str) -> httpx.Response:
    """Ask for a file."""
    return api.send("GET", f"/api/v1/admin/export/{kind}.csv", query=query or None)


def parsed(response: httpx.Response) -> list[dict[str, str]]:
    """Read a file as a spreadsheet does."""
    assert response.status_code == 200, response.text
    text = response.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def name_owner(database: Connection, owner: Api, name: str) -> None:
    """Give an owner a name."""
    statement = "update app.users set name = %(name)s where mobile = %(mobile)s"
    assert changed(database, statement, name=name, mobile=owner.mobile) == 1


def last_audit(database: Connection, action: str) -> dict[str, object]:
    """Return the newest audit line of an action."""
    query = """
        select actor_user_id, meta from app.audit_log where action = %(action)s
        order by created_at desc, id desc limit 1
    """
    return one(database, query, action=action)


def test_a_file_is_what_a_spreadsheet_opens_well(
    admin: Api, owner: Api, database: Connection
) -> None:
    consultation_id, _ = started_payment(owner)
    name_owner(database, owner, 'نگار "کاظمی"، دختر,\nاحمد')
    response = download(admin, "consultations", mobile=owner.mobile)
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    disposition = response.headers["Content-Disposition"]
    assert disposition == 'attachment; filename="consultations.csv"'
    assert response.content.startswith(b"\xef\xbb\xbfid,status,")
    assert response.content.endswith(b"\r\n")
    assert response.content.count(b"\r\n") == 2
    (row,) = parsed(response)
    assert (row["id"], row["owner_mobile"]) == (consultation_id, owner.mobile)
    assert row["owner_name"] == 'نگار "کاظمی"، دختر,\nاحمد'
    day = date.fromisoformat(row["created_at"][:10])
    assert row["created_at_jalali"] == str(jdatetime.date.fromgregorian(date=day))
    call = date.fromisoformat(row["appointment_at"][:10])
    jalali = str(jdatetime.date.fromgregorian(date=call))
    assert row["appointment_date_jalali"] == jalali


@pytest.mark.parametrize(
    "name",
    ["=1+1", "+1", "-1", "@a", "﻿=1", '"=1', "'=1", " =1", "＝1", "﻿\t1", '""@x'],
)
def test_what_a_spreadsheet_would_run_is_text(database: Connection, name: str) -> None:
    query = "select app.csv_cell(%(name)s)"
    assert value(database, query, name=name) == f"'{name}"


@pytest.mark.parametrize("name", ["a=1", "نگار", "۱-۲", "a\tb", "", '"a"', "(-1)"])
def test_what_is_no_formula_stays(database: Connection, name: str) -> None:
    assert value(database, "select app.csv_cell(%(name)s)", name=name) == name


def test_a_formula_in_a_name_is_text_in_the_file(
    admin: Api, owner: Api, database: Connection
) -> None:
    started_payment(owner)
    name_owner(database, owner, '=HYPERLINK("http://evil.example")')
    for kind in ("consultations", "payments"):
        (row,) = parsed(download(admin, kind, mobile=owner.mobile))
        assert row["owner_name"].startswith("'=HYPERLINK")


def test_the_files_filters_are_the_lists(admin: Api, owner: Api, stranger: Api) -> None:
    started_payment(owner)
    started_payment(stranger)
    filters = {"mobile": owner.mobile, "petType": "CAT", "name": "كاظمي"}
    for query in (
        filters,
        filters | {"status": "PAYMENT_INITIATED"},
        filters | {"status": "DRAFT"},
        filters | {"from": "2020-01-01", "to": "2020-02-01"},
    ):
        listed = admin.call("GET", "/admin/consultations", query=query).data
        exported = parsed(download(admin, "consultations", **query))
        assert [row["id"] for row in exported] == [row["id"] for row in listed]
    query = {"mobile": owner.mobile, "status": "PENDING"}
    listed = admin.call("GET", "/admin/payments", query=query).data
    assert len(listed) == 1
    exported = parsed(download(admin, "payments", **query))
    assert [row["id"] for row in exported] == [row["id"] for row in listed]


def test_an_export_is_audited_without_personal_data(
    admin: Api, owner: Api, database: Connection
) -> None:
    started_payment(owner)
    download(admin, "consultations", mobile=owner.mobile, petType="CAT")
    line = last_audit(database, "EXPORT_DOWNLOADED")
    meta = line["meta"]
    assert isinstance(meta, dict)
    assert line["actor_user_id"] is not None
    assert (meta["kind"], meta["rows"]) == ("consultations", 1)
    assert (meta["filters"], meta["is_complete"]) == (["mobile", "petType"], True)
    assert owner.mobile not in str(meta)
    started = last_audit(database, "EXPORT_STARTED")["meta"]
    assert isinstance(started, dict)
    assert started["request_id"] == meta["request_id"]


@pytest.mark.parametrize(
    ("kind", "query", "fields"),
    [
        ("consultations", {"status": "PENDING"}, ["status"]),
        ("consultations", {"from": "x", "petType": "HORSE"}, ["from", "petType"]),
        ("consultations", {"doctorId": "1"}, ["doctorId"]),
        ("consultations", {"mobile": "12", "name": ""}, ["mobile", "name"]),
        ("consultations", {"limit": "5"}, ["limit"]),
        ("payments", {"petType": "CAT"}, ["petType"]),
        ("payments", {"from": "2026-01-02", "to": "2026-01-01"}, ["to"]),
        ("payments", {"from": "today", "to": "20260101"}, ["from", "to"]),
        ("consultations", {"doctorId": f"{{{uuid4()}}}"}, ["doctorId"]),
        ("summary", {}, ["from", "to"]),
        ("summary", {"from": "2020-01-01", "to": "2026-01-01"}, ["to"]),
    ],
)
def test_before_the_first_byte_a_refusal_is_an_envelope(
    admin: Api, kind: str, query: dict[str, str], fields: list[str]
) -> None:
    answer = admin.call("GET", f"/admin/export/{kind}.csv", query=query)
    assert (answer.status, answer.code) == (422, "VALIDATION_FAILED")
    assert sorted(answer.error["details"]["fields"]) == fields


@pytest.mark.parametrize("kind", FILES)
def test_only_admins_export(owner: Api, doctor: Api, anybody: Api, kind: str) -> None:
    path = f"/admin/export/{kind}.csv"
    for api in (owner, doctor):
        answer = api.call("GET", path, query=PERIOD)
        assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert anybody.call("GET", path, query=PERIOD).code == "UNAUTHENTICATED"


def test_the_summary_is_a_file_as_well(admin: Api) -> None:
    listed = admin.call("GET", "/admin/summary", query=PERIOD).data
    exported = parsed(download(admin, "summary", **PERIOD))
    assert [row["day"] for row in exported] == [row["day"] for row in listed]


def replace_cells(database: Connection, body: str) -> None:
    """Let cells of text be made by these statements of PL/pgSQL."""
    statement = f"""
        create or replace function app.csv_cell(value text) returns text
        language plpgsql volatile as $$ begin {body} return value; end $$
    """
    database.execute(statement.encode())


@pytest.fixture
def real_cells(database: Connection) -> Iterator[None]:
    """Put app.csv_cell back after the test."""
    query = "select pg_get_functiondef('app.csv_cell'::regproc)"
    source = value(database, query)
    yield
    database.execute(source.encode())


def wait_for_no_export(database: Connection) -> None:
    """Look until none runs any more."""
    query = """
        select count(*) from pg_stat_activity
        where query like 'copy (select * from app.exported_%%' and state = 'active'
    """
    deadline = time.monotonic() + 20
    while value(database, query) > 0:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.usefixtures("real_cells")
def test_a_client_that_goes_away_stops_the_query(
    system: System, admin: Api, owner: Api, database: Connection
) -> None:
    """Nothing is sent yet, so that no failed write tells of it."""
    started_payment(owner)
    replace_cells(database, "perform pg_sleep(60);")
    url = f"{system.api_url}/api/v1/admin/export/payments.csv"
    headers = {"Authorization": f"Bearer {admin.access_token}"}
    with httpx.Client() as client, pytest.raises(httpx.ReadTimeout):
        client.get(url, headers=headers, timeout=1)
    wait_for_no_export(database)


@pytest.mark.usefixtures("real_cells")
def test_a_failure_in_the_middle_cuts_the_connection(
    admin: Api, owner: Api, stranger: Api, database: Connection
) -> None:
    """The newest row fills a block, which is sent; the next one fails."""
    started_payment(owner)
    name_owner(database, owner, "خراب")
    started_payment(stranger)
    replace_cells(
        database,
        "if value = 'خراب' then raise 'lost'; end if; value := repeat('x', 70000);",
    )
    with pytest.raises(httpx.RemoteProtocolError):
        download(admin, "payments")
    meta = last_audit(database, "EXPORT_DOWNLOADED")["meta"]
    assert isinstance(meta, dict)
    assert (meta["kind"], meta["is_complete"]) == ("payments", False)
    assert meta["rows"] >= 1


@pytest.mark.usefixtures("real_cells")
def test_the_head_of_a_long_file_is_answered_without_reading_the_rest(
    system: System, admin: Api, owner: Api, stranger: Api, database: Connection
) -> None:
    for somebody in (owner, stranger):
        started_payment(somebody)
    replace_cells(database, "value := repeat('x', 70000);")
    path, trace = "/api/v1/admin/export/payments.csv", "head-of-a-long-file"
    head = admin.send("HEAD", path, headers={"X-Request-Id": trace})
    assert (head.status_code, head.content) == (200, b"")
    lines = log_lines(system, "sidecar", trace)
    assert [line["status"] for line in lines] == [200]
    wait_for_no_export(database)
