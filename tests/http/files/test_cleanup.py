"""Objects go when nothing refers to them any more, and never before."""

from datetime import timedelta
from tempfile import TemporaryFile

from api_extensions.db import Database
from api_extensions.files.cleanup import Deleter, Sweeper
from api_extensions.files.store import Store
from stack.background import System
from tests.http.files.client import attach, attached, draft, link_of, uploaded
from tests.http.files.conftest import Work
from tests.http.payments.sidecars import another_sidecar
from tests.samples import PNG
from tests.support import web
from tests.support.api import Api
from tests.support.database import Connection, changed, value


async def _delete(database: Database, store: Store) -> int:
    await Deleter(database, store).delete_due()
    return 0


def test_a_deleted_consultation_loses_its_objects(
    owner: Api, database: Connection, work: Work
) -> None:
    consultation = draft(owner)
    media = attached(owner, consultation, PNG)
    link = link_of(owner, media["id"])
    assert web.get(link).status_code == 200
    statement = """
        update app.consultations set deleted_at = clock_timestamp() where id = %(id)s
    """
    assert changed(database, statement, id=consultation) == 1
    work(_delete)
    assert web.get(link).status_code == 404


def test_the_sweep_finds_what_a_crash_left_and_nothing_else(
    owner: Api, database: Connection, work: Work
) -> None:
    media = attached(owner, draft(owner), PNG)
    waiting = uploaded(owner, PNG)

    async def _sweep(mine: Database, store: Store) -> int:
        with TemporaryFile() as file:
            file.write(PNG.data)
            await store.keep("media/left-by-a-crash", file, mime_type=PNG.mime_type)
        return await Sweeper(mine, store, min_age=timedelta(seconds=-60)).sweep()

    assert work(_sweep) >= 1
    query = "select reason from app.object_deletions where object_key = %(key)s"
    assert value(database, query, key="media/left-by-a-crash") == "SWEPT"
    work(_delete)
    assert web.get(link_of(owner, media["id"])).content == PNG.data
    assert attach(owner, draft(owner), waiting).status == 201


def test_what_is_young_is_left_alone(work: Work) -> None:
    async def _sweep(mine: Database, store: Store) -> int:
        return await Sweeper(mine, store).sweep()

    assert work(_sweep) == 0


def test_a_store_that_is_down_registers_nothing_and_is_not_asked_for_links(
    system: System, owner: Api, admin: Api
) -> None:
    upload, consultation = uploaded(owner, PNG), draft(owner)
    attached(owner, consultation, PNG)
    dead = {"S3_ENDPOINT": "http://127.0.0.1:1", "RUN_WORKERS": "false"}
    with another_sidecar(system, **dead) as (url, _):
        elsewhere = Api(url, owner.access_token)
        refused = attach(elsewhere, consultation, upload)
        assert (refused.status, refused.code) == (503, "STORAGE_UNAVAILABLE")
        path = f"/admin/consultations/{consultation}"
        (shown,) = Api(url, admin.access_token).call("GET", path).data["media"]
        assert shown["url"].startswith("http")
    media = owner.call("GET", f"/consultations/{consultation}").data["media"]
    assert [file["id"] for file in media] == [shown["id"]]
    assert attach(owner, consultation, upload).status == 201
