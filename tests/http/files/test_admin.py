"""GET /admin/consultations/{id}: a consultation whole, with links to its files."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from stack.background import System
from tests.http.files.client import attached
from tests.samples import JPG, PDF
from tests.support.api import Api, new_owner, paid_consultation
from tests.support.database import Connection, changed, rows, value


@pytest.fixture(scope="module")
def consultation(system: System) -> str:
    """A paid consultation with two files."""
    owner = new_owner(system.api_url)
    consultation_id = paid_consultation(owner)
    for sample in (PDF, JPG):
        attached(owner, consultation_id, sample)
    return consultation_id


def path_of(consultation_id: str) -> str:
    """Return where an admin looks at a consultation."""
    return f"/admin/consultations/{consultation_id}"


def test_each_file_comes_with_a_link_that_works_for_a_quarter_of_an_hour(
    admin: Api, consultation: str
) -> None:
    media = admin.call("GET", path_of(consultation)).data["media"]
    assert [file["mimeType"] for file in media] == [PDF.mime_type, JPG.mime_type]
    for file, sample in zip(media, (PDF, JPG), strict=True):
        download = httpx.get(file["url"])
        assert download.content == sample.data
        assert download.headers["Content-Type"] == sample.mime_type
        name = f'attachment; filename="{file["id"]}.{sample.ext}"'
        assert download.headers["Content-Disposition"] == name
        signed = parse_qs(urlsplit(file["url"]).query)
        assert signed["X-Amz-Expires"] == ["900"]
        begin = datetime.strptime(signed["X-Amz-Date"][0], "%Y%m%dT%H%M%S%z")
        end = datetime.fromisoformat(file["urlExpiresAt"])
        made = datetime.fromisoformat(file["createdAt"])
        assert end.utcoffset() == made.utcoffset()
        assert end - begin <= timedelta(minutes=15, seconds=1)
        assert end - datetime.now(UTC) > timedelta(minutes=14)


def test_a_link_that_is_changed_opens_nothing_else(
    admin: Api, consultation: str
) -> None:
    first, second = admin.call("GET", path_of(consultation)).data["media"]
    key = urlsplit(second["url"]).path
    other = urlsplit(first["url"])._replace(path=key).geturl()
    assert httpx.get(other).status_code == 403
    longer = first["url"].replace("X-Amz-Expires=900", "X-Amz-Expires=90000")
    assert httpx.get(longer).status_code == 403


def test_only_the_link_knows_where_a_file_lies(
    admin: Api, consultation: str, database: Connection
) -> None:
    query = "select object_key from app.media where consultation_id = %(id)s"
    keys = [row["object_key"] for row in rows(database, query, id=consultation)]
    shown = admin.call("GET", path_of(consultation)).data
    links = [file.pop("url") for file in shown["media"]]
    assert all(any(key in link for link in links) for key in keys)
    assert not any(key in str(shown) for key in keys)


def test_it_is_the_same_whole_that_a_change_gives_and_its_etag_names_the_version(
    admin: Api, consultation: str
) -> None:
    seen = admin.call("GET", path_of(consultation))
    assert seen.headers["ETag"] == f'"{seen.data["version"]}"'
    match = {"If-Match": seen.headers["ETag"]}
    same = {"status": "SCHEDULED"}
    changed_to = admin.call("PATCH", path_of(consultation), same, headers=match)
    assert changed_to.headers["ETag"] == seen.headers["ETag"]
    for file in seen.data["media"]:
        del file["url"], file["urlExpiresAt"]
    assert changed_to.data == seen.data


def test_a_look_is_answered_whatever_version_the_client_has(
    admin: Api, consultation: str
) -> None:
    path = path_of(consultation)
    now = admin.call("GET", path).headers["ETag"]
    for header in ("If-Match", "If-None-Match"):
        for tag in ('"1"', "*", now):
            answer = admin.call("GET", path, headers={header: tag})
            assert (answer.status, answer.data["id"]) == (200, consultation)


def test_that_links_were_given_is_logged_once_while_they_work(
    admin: Api, consultation: str, database: Connection
) -> None:
    def lines() -> list[str]:
        shown = admin.call("GET", path_of(consultation)).data["audit"]
        given = [line for line in shown if line["action"] == "MEDIA_LINKS_GIVEN"]
        assert {line["actor"]["role"] for line in given} <= {"ADMIN"}
        assert all(line["entityId"] == consultation for line in given)
        return [line["id"] for line in given]

    first = lines()
    assert first
    assert lines() == first
    let_time_pass(database, first[-1])
    assert len(lines()) == len(first) + 1


def test_a_link_to_a_file_that_came_meanwhile_is_logged_too(
    admin: Api, owner: Api
) -> None:
    consultation_id = paid_consultation(owner)

    def logged() -> list[list[str]]:
        shown = admin.call("GET", path_of(consultation_id)).data["audit"]
        given = [line for line in shown if line["action"] == "MEDIA_LINKS_GIVEN"]
        return [line["meta"]["mediaIds"] for line in given]

    first = attached(owner, consultation_id, PDF)["id"]
    assert logged() == [[first]]
    second = attached(owner, consultation_id, JPG)["id"]
    assert logged() == logged() == [[first], [first, second]]


def let_time_pass(database: Connection, line_id: str) -> None:
    """Let a line of the log be older than the links are good for."""
    database.execute("alter table app.audit_log disable trigger user")
    statement = """
        update app.audit_log set created_at = created_at - interval '16 minutes'
        where id = %(id)s
    """
    assert changed(database, statement, id=line_id) == 1
    database.execute("alter table app.audit_log enable trigger user")


def test_without_files_there_is_nothing_to_log(
    admin: Api, owner: Api, database: Connection
) -> None:
    consultation_id = paid_consultation(owner)
    assert admin.call("GET", path_of(consultation_id)).data["media"] == []
    query = """
        select count(*) from app.audit_log
        where entity_id = %(id)s and action = 'MEDIA_LINKS_GIVEN'
    """
    assert value(database, query, id=consultation_id) == 0


def test_nobody_but_an_admin_gets_it_and_nobody_gets_what_is_not_there(
    admin: Api, owner: Api, doctor: Api, anybody: Api, consultation: str
) -> None:
    path = path_of(consultation)
    assert anybody.call("GET", path).code == "UNAUTHENTICATED"
    assert [who.call("GET", path).code for who in (owner, doctor)] == ["FORBIDDEN"] * 2
    nobody = "018f0000-0000-7000-8000-000000000000"
    assert admin.call("GET", path_of(nobody)).code == "NOT_FOUND"
    unknown = admin.call("GET", path, query={"select": "*"})
    assert list(unknown.error["details"]["fields"]) == ["select"]
