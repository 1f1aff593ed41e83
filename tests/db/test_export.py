"""`make export`: the same file as the sidecar's, from the command line."""

import csv
from pathlib import Path

import pytest

from db import export
from tests.support.database import Database, one, rows
from tests.support.factories import make_doctor, make_scheduled, make_user
from tests.support.playing import make


def test_it_writes_the_file_and_logs_it(
    fresh_db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh_db.connect() as conn:
        make_doctor(conn)
        owner = make_user(conn, "=سارا")
        consultation_id = make_scheduled(conn, owner)
        make_scheduled(conn, make_user(conn))
    monkeypatch.setenv("DATABASE_URL", fresh_db.url("migrator"))
    out = tmp_path / "calls.csv"
    export.main(
        ["consultations", str(out), "--status", "SCHEDULED", "--mobile", owner.mobile]
    )
    assert out.stat().st_mode & 0o077 == 0
    content = out.read_bytes()
    assert content.startswith(b"\xef\xbb\xbfid,")
    assert content.count(b"\r\n") == 2
    (row,) = csv.DictReader(content.decode("utf-8-sig").splitlines())
    assert (row["id"], row["owner_name"]) == (str(consultation_id), "'=سارا")
    with fresh_db.connect() as conn:
        query = "select meta from app.audit_log where action = 'EXPORT_DOWNLOADED'"
        meta = one(conn, query)["meta"]
    assert (meta["kind"], meta["rows"]) == ("consultations", 1)
    assert sorted(meta["filters"]) == ["mobile", "status"]


def test_what_is_wrong_is_said_in_a_sentence(
    fresh_db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", fresh_db.url("migrator"))
    out = str(tmp_path / "x.csv")
    for arguments, word in (
        (["payments", out, "--petType", "CAT"], "petType"),
        (["consultations", out, "--mobile", "12"], "mobile"),
        (["consultations", out, "--status", "LOST"], "LOST"),
        (["summary", out], "from"),
        (["payments", str(tmp_path / "none" / "x.csv")], "No such file"),
        (["payments", ""], "OUT="),
    ):
        with pytest.raises(SystemExit) as ended:
            export.main(arguments)
        assert word in str(ended.value)
    with fresh_db.connect() as conn:
        assert rows(conn, "select from app.audit_log") == []


def test_the_target_of_make_shows_how_far_it_is(
    fresh_db: Database, tmp_path: Path
) -> None:
    with fresh_db.connect() as conn:
        make_doctor(conn)
        mina, sara = make_user(conn, "مینا نوری"), make_user(conn)
        make_scheduled(conn, mina)
        make_scheduled(conn, sara)
    url, out = fresh_db.url("migrator"), tmp_path / "calls.csv"
    played = make("export", "KIND=consultations", f"OUT={out}", DATABASE_URL=url)
    assert played.returncode == 0, played.stderr
    assert "consultations" in played.stdout
    assert "100%" in played.stdout
    assert f"{out}: 2 rows" in played.stdout.replace("\n", "")
    filters = ("NAME=مينا", "STATUS=SCHEDULED", "PET_TYPE=CAT")
    make("export", "KIND=consultations", f"OUT={out}", *filters, DATABASE_URL=url)
    (row,) = csv.DictReader(out.read_text("utf-8-sig").splitlines())
    assert row["owner_name"] == "مینا نوری"
