"""A sidecar that dies between the copy and its row: both heal."""

import os
import signal
from collections.abc import Iterator, Sequence
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
from tests.support.factories import MESSAGE
from tests.support.waiting import wait_until

_IS_WAITING = """
    select exists (
        select from pg_locks where relation = 'app.media'::regclass and not granted)
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
    system: System,
    database: Connection,
    owner: Api,
    consultation_id: str,
    uploads: Sequence[Upload],
) -> None:
    """Have a sidecar killed with -9 when it has copied, and recorded nothing yet."""
    attachments = [
        {"uploadKey": upload.upload_key, "purpose": "OTHER"} for upload in uploads
    ]
    body = {"messageText": MESSAGE, "attachments": attachments}
    with another_sidecar(system, RUN_WORKERS="false") as (url, process):

        def is_answered() -> bool:
            path = f"/consultations/{consultation_id}/details"
            try:
                Api(url, owner.access_token).call("PATCH", path, body)
            except httpx.TransportError:
                return False
            return True

        with no_new_files(system), ThreadPoolExecutor() as pool:
            asking = pool.submit(is_answered)
            wait_until(lambda: bool(value(database, _IS_WAITING)), seconds=20)
            os.kill(process.pid, signal.SIGKILL)
            assert not asking.result()


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
    consultation = draft(owner)
    die_with_the_copies_made(system, database, owner, consultation, (tried, forgotten))
    copies = [
        one(database, _TICKET, key=upload.upload_key) for upload in (tried, forgotten)
    ]
    for copy in copies:
        assert copy["is_being_checked"]
        assert is_stored(work, copy["kept_key"]), "or this shows nothing"
    shown = owner.call("GET", f"/consultations/{consultation}").data
    assert (shown["media"], shown["status"]) == ([], "DRAFT")

    assert attach(owner, consultation, tried).code == "CONFLICT"
    end_lease(database, tried)
    media = attach(owner, consultation, tried).data
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
