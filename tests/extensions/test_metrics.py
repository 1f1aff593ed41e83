"""What a monitor reads from a sidecar, and how little the database is asked for it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from uuid import uuid4

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from api_extensions import db
from api_extensions.app import create_app
from api_extensions.metrics import gauges as module
from api_extensions.metrics.gauges import GAUGES
from api_extensions.payments.gateway import Outcome, Verdict
from api_extensions.payments.measured import MeasuredGateway
from api_extensions.sms.provider import FailureKind, NotSent
from tests.extensions.conftest import Load
from tests.extensions.outbox import Outbox, Scripted
from tests.extensions.test_ask import Scripted as Gateway
from tests.support.database import Database, changed, rows
from tests.support.factories import make_doctor, make_scheduled, make_user

Sample = tuple[str, frozenset[tuple[str, str]]]
Scrape = Callable[[], Awaitable[Mapping[Sample, float]]]
Client = TestClient[web.Request, web.Application]
Play = Callable[[Client, Scrape], Awaitable[None]]


def sample(name: str, **labels: str) -> Sample:
    """Name a figure of the exposition."""
    return f"vetline_{name}", frozenset(labels.items())


def parse(text: str) -> dict[Sample, float]:
    """Return every figure of an exposition, as Prometheus reads it."""
    return {
        (found.name, frozenset(found.labels.items())): found.value
        for family in text_string_to_metric_families(text)
        for found in family.samples
    }


def run(url: str, load: Load, play: Play) -> None:
    """Run a sidecar without workers for as long as a play lasts."""

    async def _run() -> None:
        app = create_app(load(DATABASE_URL=url, RUN_WORKERS="false"))
        async with TestClient(TestServer(app)) as client:

            async def scrape() -> Mapping[Sample, float]:
                async with client.get("/metrics") as answer:
                    assert answer.status == 200
                    return parse(await answer.text())

            await play(client, scrape)

    asyncio.run(_run())


def test_requests_are_counted_by_route_and_never_by_path(
    fresh_db: Database, load: Load
) -> None:
    async def play(client: Client, scrape: Scrape) -> None:
        before = await scrape()
        mock = f"/api/v1/payments/mock/{uuid4()}"
        for path in (mock, "/nowhere/09121234567"):
            async with client.get(path) as answer:
                assert answer.status == 404
        after = await scrape()
        route = {"method": "GET", "route": "/api/v1/payments/mock/{payment_id}"}
        unknown = {"method": "ANY", "route": "unmatched"}
        for labels in (route, unknown):
            counted = sample("http_requests_total", status="404", **labels)
            assert after[counted] == before.get(counted, 0) + 1
            timed = sample("http_request_duration_seconds_count", **labels)
            assert after[timed] >= 1
        assert not any("09121234567" in str(name) for name in after)

    run(fresh_db.url("sidecar"), load, play)


def test_every_gauge_of_the_database_is_known_and_shown(
    fresh_db: Database, load: Load
) -> None:
    with fresh_db.connect() as conn:
        make_doctor(conn)
        make_scheduled(conn, make_user(conn))
        changed(conn, "select app.check_invariants()")
        changed(
            conn,
            "insert into app.job_runs (job_name, ended_at)"
            " values ('sms:remind', now())",
        )
        found = rows(conn, "select distinct metric from sidecar.gauges()")
    assert {row["metric"] for row in found} == {gauge.metric for gauge in GAUGES}

    async def play(_: Client, scrape: Scrape) -> None:
        shown = await scrape()
        assert shown[sample("database_up")] == 1
        assert shown[sample("sms_queued")] == 1
        assert shown[sample("invariant_violations")] == 0
        assert shown[sample("holds", state="live")] == 0
        names = {name for name, _ in shown}
        assert {f"vetline_{gauge.metric}" for gauge in GAUGES} <= names

    run(fresh_db.url("sidecar"), load, play)


def test_the_database_is_asked_once_however_often_it_is_scraped(
    fresh_db: Database, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued = sample("sms_queued")

    async def play(_: Client, scrape: Scrape) -> None:
        first = await asyncio.gather(*(scrape() for _ in range(5)))
        with fresh_db.connect() as conn:
            changed(
                conn,
                "insert into app.sms_messages (event, subject, recipient,"
                " body) values ('TEST', 'a', '09121234567', 'x')",
            )
        first.append(await scrape())
        assert {shown[queued] for shown in first} == {0}
        monkeypatch.setattr(module, "MAX_AGE", 0.0)
        assert (await scrape())[queued] == 1

    run(fresh_db.url("sidecar"), load, play)


def test_without_a_database_a_scrape_says_so_and_shows_no_old_figure(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "POOL_TIMEOUT", 0.05)

    async def play(_: Client, scrape: Scrape) -> None:
        shown = await scrape()
        assert shown[sample("database_up")] == 0
        assert sample("sms_queued") not in shown

    run("postgresql://sidecar@127.0.0.1:1/none?connect_timeout=1", load, play)


def test_messages_are_counted_by_what_came_of_them(
    fresh_db: Database, load: Load
) -> None:
    outbox = Outbox(fresh_db, load)
    outbox.queue(2)
    refusal = NotSent(FailureKind.PERMANENT, "no such number")
    outbox.work([Scripted(refusal)], outbox.is_over)
    shown = parse(exposition())
    for outcome in ("SENT", "PERMANENT"):
        counted = sample("sms_sends_total", provider="scripted", outcome=outcome)
        assert shown[counted] >= 1
    assert shown[sample("sms_send_duration_seconds_count", provider="scripted")] >= 2


def test_a_gateway_is_counted_and_timed_by_question_and_outcome() -> None:
    async def play(gateway: MeasuredGateway) -> None:
        await gateway.verify("S1", toman=1, rials=10)
        await gateway.inquiry("S1")
        with pytest.raises(AssertionError):
            await gateway.list_unverified()

    verdicts = [Verdict(Outcome.UNKNOWN)]
    asyncio.run(play(MeasuredGateway(Gateway(verdicts=verdicts, inquiries=["PAID"]))))
    shown = parse(exposition())
    for question, outcome in (
        ("verify", "UNKNOWN"),
        ("inquiry", "PAID"),
        ("list_unverified", "NO_ANSWER"),
    ):
        labels = {"provider": "SCRIPTED", "question": question}
        assert shown[sample("gateway_calls_total", outcome=outcome, **labels)] == 1
        assert shown[sample("gateway_call_duration_seconds_count", **labels)] == 1


def exposition() -> str:
    """Return what this very process has counted."""
    return generate_latest().decode()
