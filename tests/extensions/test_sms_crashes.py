"""Workers that are killed while they send, and a provider that misbehaves all along."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from fakes import kavenegar, smsir
from fakes.kavenegar.server import API_KEY as KAVENEGAR_KEY
from fakes.mishaps import Mishap, Mishaps
from fakes.serving import serving
from fakes.smsir.server import API_KEY as SMSIR_KEY
from fakes.smsir.server import LINE
from tests.extensions.conftest import SOUND, Load
from tests.extensions.outbox import Outbox, wait
from tests.support.database import Connection, Database, changed, value

ROOT = Path(__file__).resolve().parents[2]
MISFORTUNE = {
    Mishap.BUSY: 0.05,
    Mishap.LOST: 0.02,
    Mishap.UNANSWERED: 0.05,
    Mishap.HANGING: 0.005,
    Mishap.GARBLED: 0.02,
}
WORKERS = 2


@pytest.fixture
def outbox(fresh_db: Database, load: Load) -> Outbox:
    """An empty outbox."""
    return Outbox(fresh_db, load)


class Crew:
    """Worker processes, one of which is killed now and then and replaced."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "api-extensions"))),
            **SOUND,
            **environment,
        }
        self._workers = [self._start() for _ in range(WORKERS)]

    def kill_one(self) -> None:
        """Kill the oldest without a chance to tidy up, and start another."""
        victim = self._workers.pop(0)
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        self._workers.append(self._start())

    def stop(self) -> None:
        """Stop them all."""
        for worker in self._workers:
            worker.kill()
            worker.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "api_extensions.worker"],
            env=self._environment,
            stdout=subprocess.DEVNULL,
        )


@contextmanager
def crew(outbox: Outbox, **environment: str) -> Iterator[Crew]:
    """Run workers on the outbox until the body ends."""
    url = outbox.database.url("sidecar")
    workers = Crew({"DATABASE_URL": url, "SMS_TIMEOUT": "1s", **environment})
    try:
        yield workers
    finally:
        workers.stop()


def is_decided(conn: Connection, count: int) -> bool:
    """Tell whether it is known of so many messages what came of them, and hurry."""
    hurry(conn)
    query = "select count(*) from app.sms_messages where status <> 'QUEUED'"
    return bool(value(conn, query) >= count)


def hurry(conn: Connection) -> None:
    """Let the pauses before retries, and the leases of the dead, run out.

    What a living worker has claimed within two seconds is left to it: no question to
    the provider takes longer.
    """
    moved = changed(
        conn,
        "update app.sms_messages set next_attempt_at = clock_timestamp()"
        " where status = 'QUEUED' and next_attempt_at > clock_timestamp()"
        " and (claimed_by is null or updated_at < clock_timestamp() - interval '2 s')",
    )
    if moved:
        conn.execute("notify sms_queued")


def crash_along(outbox: Outbox, workers: Crew, count: int, kills: int) -> None:
    """Kill a worker at so many points on the way, until all messages are decided."""
    with outbox.database.connect(autocommit=True) as conn:
        for part in range(1, kills + 1):
            wait(partial(is_decided, conn, count * part // (kills + 1)))
            workers.kill_one()
        wait(partial(is_decided, conn, count))


def test_kavenegar_loses_none_and_sends_none_twice(outbox: Outbox) -> None:
    count, books = 1000, kavenegar.Books()
    outbox.queue(count)
    app = kavenegar.create_app(books, Mishaps(MISFORTUNE), latency=0.005)
    with (
        serving(app) as url,
        crew(
            outbox,
            SMS_PROVIDER="kavenegar",
            SMS_API_KEY=KAVENEGAR_KEY,
            SMS_BASE_URL=url,
        ) as workers,
    ):
        crash_along(outbox, workers, count, kills=4)
    assert outbox.statuses() == {"SENT"}
    # Every text reached a phone, and none of them twice.
    assert Counter(record.message for record in books.records) == Counter(
        str(number) for number in range(1, count + 1)
    )
    assert books.requests > count  # repetitions there were
    ids = {str(record.localid): str(record.messageid) for record in books.records}
    assert ids == {
        str(message["number"]): message["provider_message_id"]
        for message in outbox.messages()
    }


@pytest.mark.parametrize("unknown", ["retry", "fail"])
def test_smsir_loses_none_or_sends_none_twice_as_configured(
    outbox: Outbox, unknown: str
) -> None:
    count, books = 100, smsir.Books()
    outbox.queue(count)
    with (
        serving(smsir.create_app(books, Mishaps(MISFORTUNE))) as url,
        crew(
            outbox,
            SMS_PROVIDER="smsir",
            SMS_API_KEY=SMSIR_KEY,
            SMS_SENDER=str(LINE),
            SMS_BASE_URL=url,
            SMS_UNKNOWN=unknown,
        ) as workers,
    ):
        crash_along(outbox, workers, count, kills=2)
    times = Counter(record.text for record in books.records)
    fates = {message["body"]: message["status"] for message in outbox.messages()}
    if unknown == "retry":
        assert set(times) == {str(number) for number in range(1, count + 1)}
        assert set(fates.values()) == {"SENT"}
    else:
        assert set(times.values()) == {1}
        assert {body for body, status in fates.items() if status == "SENT"} <= set(
            times
        )
        assert "FAILED" in fates.values()
