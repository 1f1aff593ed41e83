"""A running system as whoever breaks it sees it: its processes, database, providers."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from botocore.exceptions import BotoCoreError, ClientError
from psycopg.rows import dict_row

from db.cluster import SUPERUSER
from db.objects import ObjectStore
from fakes.kavenegar import Books
from stack.background import System
from stack.site import DATABASE
from tests.faults.load import Load
from tests.faults.providers import Moods
from tests.http.payments.bank import Bank
from tests.http.payments.scene import end_leases, make_due
from tests.support.database import Connection, rows
from tests.support.processes import parts
from tests.support.waiting import wait_until


@dataclass(frozen=True)
class Site:
    """A system with replicas, whose dead parts are started again.

    Attributes:
        system: how it is reached.
        bank: the fake Zarinpal.
        moods: what goes wrong at the fake SMS provider.
        sent: the SMS provider's books.
    """

    system: System
    bank: Bank
    moods: Moods
    sent: Books

    def kill(
        self, word: str, *replicas: int, number: signal.Signals = signal.SIGKILL
    ) -> None:
        """Send a signal to parts, and wait until others are in their place.

        Args:
            word: of their command line.
            replicas: which of them, counted from the oldest; that one by default.
            number: the signal.
        """
        before = parts(self.system.run_dir, word)
        hit = {before[place] for place in replicas or (0,)}
        for pid in hit:
            os.kill(pid, number)

        def replaced() -> bool:
            now = set(parts(self.system.run_dir, word))
            return not now & hit and len(now) == len(before)

        wait_until(replaced)

    def files(self, name: str) -> Any:
        """Return what one of the launcher's JSON files holds."""
        return json.loads((self.system.run_dir / name).read_text())

    @contextmanager
    def database(self) -> Iterator[Connection]:
        """Connect as app_owner."""
        with psycopg.connect(
            self.system.database_url, autocommit=True, row_factory=dict_row
        ) as connection:
            yield connection

    def cut_connections(self) -> int:
        """End every client's connection to the database; return how many there were."""
        return self._others("pg_terminate_backend(pid)")

    def connections(self) -> int:
        """Return how many clients the database has, besides us."""
        return self._others("pid")

    def _others(self, expression: str) -> int:
        """Evaluate something for every other client; only a superuser sees them all."""
        password = self.files("secrets.json")["POSTGRES_PASSWORD"]
        port = self.files("ports.json")["postgres"]
        url = f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{port}/{DATABASE}"
        query = f"""
            select {expression} from pg_stat_activity
            where backend_type = 'client backend' and pid <> pg_backend_pid()
        """
        with psycopg.connect(url) as connection:
            return connection.execute(query.encode()).rowcount

    def assert_whole(self, load: Load) -> None:
        """Assert that nothing acknowledged is lost, and no guarantee is violated."""
        with self.database() as database:
            lost = load.ledger.lost(database)
            violated = rows(database, "select * from app.invariants()")
        wrong = load.tally.take_wrong()
        assert lost == {}, lost
        assert violated == [], violated
        assert wrong == [], (wrong, self.own_faults())

    def own_faults(self) -> list[str]:
        """Return what the logs say of faults that callers were told nothing of."""
        signs = ("PostgREST 5", "request_failed", "database_error")
        logs = (self.system.run_dir / "logs").glob("*.log*")
        lines = [line for log in logs for line in log.read_text("utf-8").splitlines()]
        return [line for line in lines if any(sign in line for sign in signs)][-20:]

    def assert_money_arrives(self) -> None:
        """Assert that what the bank has taken by now is known here, or goes back."""
        taken = {a for a, s in self.bank.sessions().items() if s["status"] == "PAID"}

        def all_known() -> bool:
            with self.database() as database:
                end_leases(database)
                make_due(database)
            sessions = self.bank.sessions()
            return all(sessions[each]["status"] != "PAID" for each in taken)

        wait_until(all_known)

    def assert_files_are_there(self, load: Load) -> None:
        """Assert that each file that was acknowledged by now has its bytes."""
        query = "select object_key, size_bytes from app.media where id::text = any(%s)"
        with self.database() as database:
            found = database.execute(query, [load.ledger.noted("media")]).fetchall()
        sizes = {(row["object_key"], row["size_bytes"]) for row in found}

        def all_there() -> bool:
            try:
                return sizes <= self._stored()
            except (BotoCoreError, ClientError):  # it has just been started again
                return False

        wait_until(all_there)

    def _stored(self) -> set[tuple[str, int]]:
        """Return keys and sizes of what is kept in the bucket."""
        values = {name: text or "" for name, text in self.system.values.items()}
        store = ObjectStore.from_environment(values)
        assert store
        return {
            (found.key, found.size)
            for found in store.bucket.objects.filter(Prefix="media/")
        }

    def assert_messages_arrive(self) -> None:
        """Assert that every message of now is sent, and none of them twice."""
        with self.database() as database:
            queued = rows(database, "select id from app.sms_messages")
        ids = [row["id"] for row in queued]

        def all_sent() -> bool:
            with self.database() as database:
                database.execute("update app.sms_outages set next_probe_at = now()")
                query = """
                    update app.sms_messages set next_attempt_at = clock_timestamp()
                    where status = 'QUEUED' and id = any(%s)
                """
                return database.execute(query, [ids]).rowcount == 0

        wait_until(all_sent)
        with self.database() as database:
            query = "select number::text from app.sms_messages where status = 'SENT'"
            said = {row["number"] for row in rows(database, query)}
        numbers = [record.localid for record in self.sent.records]
        assert said <= set(numbers)
        assert len(numbers) == len(set(numbers))
