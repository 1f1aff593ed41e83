"""What operators do to a system that people use: back up, restore, migrate."""

import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import psycopg
import pytest

from db import backup as backups
from db import restore as restores
from db.backup import BackupError, backup
from db.migrate import migrate
from db.objects import ObjectStore
from db.restore import restore
from db.tools import drift
from db.tools.paths import MIGRATIONS_DIR, SQL_DIR
from stack.background import System, running_system
from tests.support.api import Api, described_consultation, new_owner, new_pet

# Additive, and by the rules of migrations/README.md: the view is locked before the
# table, as readers do, and the functions that give its rows are made again.
EXPANDING = f"""
lock table api.pets in access exclusive mode;
alter table app.pets add column nickname text;
{(SQL_DIR / "api/pets.sql").read_text().replace("updated_at", "updated_at, nickname")}
{(SQL_DIR / "api/create_pet.sql").read_text()}
"""
# What must come a release later, when nobody calls it any more.
BREAKING = "alter function api.create_pet rename to make_pet;"


@pytest.fixture(scope="module")
def spare() -> Iterator[System]:
    """A system that these tests may spoil."""
    with running_system() as running:
        yield running


def store_of(system: System) -> ObjectStore:
    """The bucket of a running system."""
    store = ObjectStore.from_environment(environment_of(system))
    assert store
    return store


def environment_of(system: System) -> dict[str, str]:
    """Return what `make backup` finds in `vetline.env`."""
    return {name: text or "" for name, text in system.values.items()}


def test_a_backup_restored_elsewhere_is_the_same_system(
    system: System,
    spare: System,
    owner: Api,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    consultation_id = described_consultation(owner)
    key, body, kind = "uploads/تست 1", b"%PDF-1.7", "application/pdf"
    store_of(system).bucket.put_object(Key=key, Body=body, ContentType=kind)

    backup(system.database_url, tmp_path / "backup", environment_of(system))
    restore(
        spare.database_url, tmp_path / "backup", environment_of(spare), replace=True
    )

    monkeypatch.setenv("DATABASE_URL", spare.database_url)
    assert drift.main(["--live"]) == 0
    found = store_of(spare).bucket.Object(key).get()
    assert (found["Body"].read(), found["ContentType"]) == (body, kind)
    returned = Api(spare.api_url)
    wait_for_the_schema(returned, owner)
    read = returned.call("GET", f"/consultations/{consultation_id}")
    assert read.data["status"] == "DETAILS_SUBMITTED"
    assert new_pet(returned)
    with psycopg.connect(spare.database_url) as conn:
        assert conn.execute("select * from app.invariants()").fetchall() == []


def wait_for_the_schema(returned: Api, owner: Api) -> None:
    """Sign in and read, once PostgREST has noticed that the schema is a new one."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        signed_in = returned.sign_in(owner.mobile, owner.password)
        if signed_in.data and returned.call("GET", "/pets").status == HTTPStatus.OK:
            return
        time.sleep(0.1)
    raise AssertionError("the restored system does not answer")


def test_a_database_in_use_is_not_overwritten_by_mistake(
    system: System, tmp_path: Path
) -> None:
    backup(system.database_url, tmp_path / "backup", {})
    with pytest.raises(BackupError, match="not empty"):
        restore(system.database_url, tmp_path / "backup", {})
    with pytest.raises(BackupError, match="exists already"):
        backup(system.database_url, tmp_path / "backup", {})


def test_a_backup_that_does_not_match_its_manifest_is_not_believed(
    spare: System, tmp_path: Path
) -> None:
    backup(spare.database_url, tmp_path / "backup", {})
    manifest = tmp_path / "backup" / backups.MANIFEST
    text = manifest.read_text().replace(
        '"app.pets": [\n      "', '"app.pets": [\n      "1'
    )
    manifest.write_text(text)
    with pytest.raises(BackupError, match=r"differ from the backup: \['app.pets'\]"):
        restore(spare.database_url, tmp_path / "backup", {}, replace=True)


def test_the_command_line_says_what_is_wrong_in_a_sentence(
    system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", system.database_url)
    monkeypatch.delenv("S3_ENDPOINT", raising=False)
    backups.main([str(tmp_path / "backup")])
    with pytest.raises(SystemExit, match="REPLACE=yes"):
        restores.main([str(tmp_path / "backup")])
    with pytest.raises(SystemExit, match="holds no backup"):
        restores.main([str(tmp_path), "--replace"])


def with_migration(tmp_path: Path, statements: str) -> Path:
    """Return a copy of the migrations that ends with one more."""
    directory = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS_DIR, directory)
    *_, last = sorted(directory.glob("*.sql"))
    path = directory / f"{int(last.name[:4]) + 1:04}_of_a_release.sql"
    path.write_text(f"-- of a release\n-- depends: {last.stem}\n{statements}")
    return directory


@contextmanager
def people_at_work(api_url: str) -> Iterator[Counter[int]]:
    """Play requests until the body ends, and count the statuses of their answers."""
    statuses: Counter[int] = Counter()
    is_over = threading.Event()

    def play() -> None:
        owner = new_owner(api_url)
        while not is_over.is_set():
            body = {"type": "CAT", "name": "ببری"}
            answers = (
                owner.send("POST", "/api/v1/pets", body),
                owner.send("GET", "/api/v1/pets"),
                owner.send("GET", "/rest/v1/pets?select=id,name"),
                owner.send("GET", "/api/v1/me"),
            )
            statuses.update(answer.status_code for answer in answers)

    threads = [threading.Thread(target=play) for _ in range(4)]
    for thread in threads:
        thread.start()
    wait_for(lambda: statuses.total() > 20)
    yield statuses
    before = statuses.total()
    wait_for(lambda: statuses.total() > before + 40)
    is_over.set()
    for thread in threads:
        thread.join()


def wait_for(condition: Callable[[], bool]) -> None:
    """Look again and again; the test's time-out bounds it."""
    while not condition():
        time.sleep(0.02)


def failures(statuses: Counter[int]) -> dict[int, int]:
    """Return the statuses that a client would have to handle."""
    return {s: n for s, n in statuses.items() if s >= HTTPStatus.BAD_REQUEST}


def test_a_migration_that_only_adds_is_noticed_by_nobody(
    spare: System, tmp_path: Path
) -> None:
    directory = with_migration(tmp_path, EXPANDING)
    with people_at_work(spare.api_url) as statuses:
        assert migrate(spare.database_url, directory, report=lambda _: None)
    assert failures(statuses) == {}
    owner = new_owner(spare.api_url)
    assert (
        owner.send("GET", "/rest/v1/pets?select=nickname").status_code == HTTPStatus.OK
    )


def test_one_that_takes_away_what_clients_call_is(
    spare: System, tmp_path: Path
) -> None:
    """The negative control: these people would have noticed."""
    directory = with_migration(tmp_path, BREAKING)
    with psycopg.connect(spare.database_url) as conn:
        conn.execute(
            "delete from yoyo._yoyo_migration where migration_id like '%%of_a_release'"
        )
    with people_at_work(spare.api_url) as statuses:
        assert migrate(spare.database_url, directory, report=lambda _: None)
    assert failures(statuses)
