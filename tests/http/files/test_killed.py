"""A sidecar that dies between the copy and its row: both heal."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from tempfile import TemporaryFile

import httpx
import psycopg

from api_extensions.db import Database
from api_extensions.files.cleanup import Deleter
from api_extensions.files.store import MissingObjectError, Store
from stack.background import System
from tests.http.files.client import Upload, attach, draft, link_of, uploaded
from tests.http.files.conftest import Work
from tests.http.payments.sidecars import another_sidecar
from tests.samples import PNG
from tests.support import web
from tests.support.api import Api
from tests.support.database import Connection, changed, one, rows, value
from tests.support.waiting import wait_until

_WAITING = """
    select count(*) from pg_locks
    where relation = 'app.media'::regclass and not granted
"""
_TICKET = """
    select kept_key, checked_until > clock_timestamp() as is_being_checked
    from app.uploads where object_key = %(key)s
"""


@contextmanager
def no_new_files(system: System) -> Iterator[None]:
    """Hold up whoever has made the copy, and wants to add the row."""
    with psycopg.connect(system.database_url) as conn:
        conn.execute("lock table app.media in share row exclusive mode")
        yield
        conn.rollback()


def die_with_the_copies_made(
    system: System, database: Connection, owner: Api, uploads: dict[str, Upload]
) -> None:
    """Have a sidecar killed with -9 when it has copied, and recorded nothing yet.

    Args:
        system: has the sidecar beside its own.
        database: of the system.
        owner: whose requests end so.
        uploads: by the consultations that they are for.
    """
    with another_sidecar(system, RUN_WORKERS="false") as (url, process):

        def ask(consultation_id: str, upload: Upload) -> bool:
            try:
                attach(Api(url, owner.access_token), consultation_id, upload)
            except httpx.TransportError:
                return False
            return True

        with no_new_files(system), ThreadPoolExecutor() as pool:
            asking = [pool.submit(ask, *each) for each in uploads.items()]
            wait_until(lambda: value(database, _WAITING) == len(uploads), seconds=10)
            os.kill(process.pid, signal.SIGKILL)
            assert not any(answered.result() for answered in asking)


def end_lease(database: Connection, upload: Upload) -> None:
    """Let the minute pass in which nobody else may check it."""
    statement = """
        update app.uploads set checked_until = clock_timestamp()
        where object_key = %(key)s
    """
    assert changed(database, statement, key=upload.upload_key) == 1


def is_stored(work: Work, key: str) -> bool:
    """Tell whether an object is in the bucket."""

    async def look(_: Database, store: Store) -> int:
        with TemporaryFile() as file:
            try:
                await store.fetch(key, file, size=len(PNG.data))
            except MissingObjectError:
                return 0
        return 1

    return bool(work(look))


def delete_now(database: Connection, work: Work, key: str) -> None:
    """Let a deletion's time come, and a worker."""

    async def delete(mine: Database, store: Store) -> int:
        await Deleter(mine, store).delete_due()
        return 0

    statement = """
        update app.object_deletions set next_attempt_at = clock_timestamp()
        where object_key = %(key)s
    """
    changed(database, statement, key=key)
    work(delete)
    gone = "select from app.object_deletions where object_key = %(key)s"
    wait_until(lambda: not rows(database, gone, key=key))


def test_a_kill_between_copy_and_row_heals_both(
    system: System, owner: Api, database: Connection, work: Work
) -> None:
    tried, forgotten = uploaded(owner, PNG), uploaded(owner, PNG)
    consultations = draft(owner), draft(owner)
    uploads = dict(zip(consultations, (tried, forgotten), strict=True))
    die_with_the_copies_made(system, database, owner, uploads)
    copies = [
        one(database, _TICKET, key=upload.upload_key) for upload in (tried, forgotten)
    ]
    for copy in copies:
        assert copy["is_being_checked"]
        assert is_stored(work, copy["kept_key"]), "or this shows nothing"
    for consultation_id in consultations:
        shown = owner.call("GET", f"/consultations/{consultation_id}").data
        assert shown["media"] == []

    assert attach(owner, consultations[0], tried).code == "CONFLICT"
    end_lease(database, tried)
    media = attach(owner, consultations[0], tried).data
    end_lease(database, forgotten)
    statement = """
        update app.uploads set created_at = created_at - interval '25 hours'
        where object_key = %(key)s
    """
    assert changed(database, statement, key=forgotten.upload_key) == 1
    assert value(database, "select app.prune_uploads()") >= 1

    for copy in copies:
        delete_now(database, work, copy["kept_key"])
        assert not is_stored(work, copy["kept_key"])
    assert web.get(link_of(owner, media["id"])).content == PNG.data
