"""Uploads, attachments, details and downloads."""

import httpx
import pytest

from tests.http.files.client import (
    attach,
    attached,
    draft,
    link_of,
    presign,
    ticket,
    uploaded,
)
from tests.samples import (
    JPG,
    M4A,
    MP3,
    MP4,
    PDF,
    PNG,
    RENAMED,
    SAMPLES,
    Sample,
    polyglot,
    truncated,
)
from tests.support.api import Api, new_owner
from tests.support.database import Connection, rows, value
from tests.support.factories import MESSAGE

MB = 1024 * 1024


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: one.ext)
def test_each_kind_is_uploaded_checked_and_downloaded_as_it_was(
    owner: Api, sample: Sample
) -> None:
    consultation = draft(owner)
    media = attached(owner, consultation, sample)
    assert media["sizeBytes"] == len(sample.data)
    assert (media["mimeType"], media["purpose"]) == (sample.mime_type, sample.purpose)
    shown = owner.call("GET", f"/consultations/{consultation}").data["media"]
    assert [one["id"] for one in shown] == [media["id"]]
    download = httpx.get(link_of(owner, media["id"]))
    assert download.content == sample.data
    assert download.headers["Content-Type"] == sample.mime_type
    name = f"{media['id']}.{sample.ext}"
    assert download.headers["Content-Disposition"] == f'attachment; filename="{name}"'


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: one.ext)
def test_a_wrong_twin_is_refused_and_deleted(
    owner: Api, database: Connection, sample: Sample
) -> None:
    consultation = draft(owner)
    for data in (
        RENAMED[sample.ext].data,
        truncated(sample.data),
        polyglot(sample.data),
    ):
        upload = uploaded(owner, sample, data)
        refused = attach(owner, consultation, upload)
        assert (refused.status, refused.code) == (422, "VALIDATION_FAILED")
        assert refused.error["details"]["fields"].keys() == {"uploadKey"}
        assert attach(owner, consultation, upload).code == "CONFLICT"
        again = {"key": upload.upload_key}
        query = "select reason from app.object_deletions where object_key = %(key)s"
        assert value(database, query, **again) == "REFUSED"
    assert owner.call("GET", f"/consultations/{consultation}").data["media"] == []


@pytest.mark.parametrize(
    ("sample", "limit"), [(MP3, 10), (MP4, 10), (PDF, 5), (JPG, 5), (PNG, 5)]
)
def test_one_byte_too_large_is_not_even_signed(
    owner: Api, sample: Sample, limit: int
) -> None:
    assert presign(owner, sample, limit * MB).status == 200
    refused = presign(owner, sample, limit * MB + 1)
    assert (refused.status, refused.error["details"]["fields"].keys()) == (
        422,
        {"size"},
    )


def test_what_is_not_taken_is_named(owner: Api) -> None:
    def fields(**query: str) -> set[str]:
        refused = owner.call("GET", "/uploads/presign", query=query)
        assert refused.status == 422
        return set(refused.error["details"]["fields"])

    good = {"category": "IMAGE", "ext": "png", "size": "5"}
    assert fields(**good | {"category": "VIRUS"}) == {"category"}
    assert fields(**good | {"ext": "exe"}) == {"ext"}
    assert fields(**good | {"size": "0"}) == {"size"}
    assert fields(**good | {"purpose": "VOICE_NOTE"}) == {"purpose"}
    assert fields(**good | {"key": "mine"}) == {"key"}
    assert fields() == {"category", "ext", "size"}


def test_a_link_works_only_for_its_method_type_and_length(owner: Api) -> None:
    upload = ticket(owner, PNG)
    assert upload.put(PNG.data + b"!") == 403
    other = upload.headers | {"Content-Type": "text/html"}
    assert httpx.put(upload.url, content=PNG.data, headers=other).status_code == 403
    assert httpx.get(upload.url).status_code == 403
    assert httpx.get(upload.url.partition("?")[0]).status_code == 403
    assert upload.put(PNG.data) == 200
    assert "X-Amz-Expires=900" in upload.url


def test_a_late_second_upload_changes_nothing(owner: Api) -> None:
    """Same type and length, other bytes, while the signed URL still works."""
    upload = uploaded(owner, JPG)
    media = attach(owner, draft(owner), upload).data
    assert upload.put(b"<script>" + JPG.data[8:]) == 200
    assert httpx.get(link_of(owner, media["id"])).content == JPG.data


def test_twenty_tickets_a_minute(owner: Api) -> None:
    answers = [presign(owner, PNG) for _ in range(21)]
    assert [answer.status for answer in answers] == [200] * 20 + [429]
    assert answers[-1].code == "RATE_LIMITED"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60


def test_a_cookie_alone_does_not_vouch_for_presign(owner: Api) -> None:
    query = f"category=IMAGE&ext=png&size={len(PNG.data)}"
    url = f"{owner.api_url}/api/v1/uploads/presign?{query}"
    cookie = {"Cookie": f"access={owner.access_token}"}
    for origin in ({}, {"Origin": "https://evil.example"}):
        assert httpx.get(url, headers=cookie | origin).status_code == 403
    for origin in ({"Origin": owner.api_url}, {"Sec-Fetch-Site": "same-origin"}):
        answer = httpx.get(url, headers=cookie | origin)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (
            200,
            "no-store",
        )


def test_a_ticket_is_its_owners_alone(owner: Api, stranger: Api) -> None:
    upload = uploaded(owner, PNG)
    assert attach(stranger, draft(stranger), upload).code == "NOT_FOUND"
    assert attach(stranger, draft(owner), upload).code == "NOT_FOUND"


def test_a_ticket_waits_for_its_upload(owner: Api) -> None:
    upload, consultation = ticket(owner, PNG), draft(owner)
    refused = attach(owner, consultation, upload)
    assert (refused.status, refused.code) == (422, "VALIDATION_FAILED")
    upload.put(PNG.data)
    assert attach(owner, consultation, upload).status == 201


def test_only_who_may_see_the_file_gets_a_link(
    owner: Api, stranger: Api, anybody: Api
) -> None:
    media = attached(owner, draft(owner), PNG)
    path = f"/media/{media['id']}/download"
    assert stranger.call("GET", path).code == "NOT_FOUND"
    assert anybody.call("GET", path).code == "UNAUTHENTICATED"


def test_details_take_a_voice_note_and_attachments(owner: Api) -> None:
    consultation = draft(owner)
    path = f"/consultations/{consultation}/details"
    body = {
        "messageText": MESSAGE,
        "voiceUploadKey": uploaded(owner, M4A).upload_key,
        "attachments": [
            {"uploadKey": uploaded(owner, PDF).upload_key, "purpose": "MEDICAL_DOC"}
        ],
    }
    told = owner.call("PATCH", path, body).data
    assert (told["status"], told["messageText"]) == ("DETAILS_SUBMITTED", MESSAGE)
    purposes = {one["id"]: one["purpose"] for one in told["media"]}
    assert sorted(purposes.values()) == ["MEDICAL_DOC", "VOICE_NOTE"]
    assert purposes[told["voiceMediaId"]] == "VOICE_NOTE"
    assert told == owner.call("GET", f"/consultations/{consultation}").data


def test_a_new_voice_note_takes_the_place_of_the_old_one(owner: Api) -> None:
    consultation = draft(owner)
    path = f"/consultations/{consultation}/details"
    first, second = (uploaded(owner, sample).upload_key for sample in (M4A, MP3))
    assert owner.call("PATCH", path, {"voiceUploadKey": first}).status == 200
    told = owner.call("PATCH", path, {"voiceUploadKey": second}).data
    assert [one["mimeType"] for one in told["media"]] == [MP3.mime_type]
    assert told["voiceMediaId"] == told["media"][0]["id"]


def test_one_bad_file_leaves_nothing_of_the_details(owner: Api) -> None:
    consultation = draft(owner)
    path = f"/consultations/{consultation}/details"
    good, bad = uploaded(owner, M4A), uploaded(owner, PNG, truncated(PNG.data))
    body = {
        "messageText": MESSAGE,
        "voiceUploadKey": good.upload_key,
        "attachments": [{"uploadKey": bad.upload_key, "purpose": "OTHER"}],
    }
    refused = owner.call("PATCH", path, body)
    assert refused.error["details"]["fields"].keys() == {"attachments.0.uploadKey"}
    told = owner.call("GET", f"/consultations/{consultation}").data
    assert (told["status"], told["media"]) == ("DRAFT", [])
    assert attach(owner, consultation, good, "VOICE_NOTE").status == 201


def test_details_need_a_text_or_a_voice_note(owner: Api) -> None:
    path = f"/consultations/{draft(owner)}/details"
    attachment = {"uploadKey": uploaded(owner, PNG).upload_key, "purpose": "OTHER"}
    refused = owner.call("PATCH", path, {"attachments": [attachment]})
    assert refused.error["details"]["fields"].keys() == {"messageText"}
    body = {"messageText": MESSAGE, "attachments": [attachment, attachment]}
    twice = owner.call("PATCH", path, body)
    assert twice.error["details"]["fields"].keys() == {"attachments"}


def test_the_sixth_document_is_one_too_many(owner: Api) -> None:
    consultation = draft(owner)
    for _ in range(5):
        attached(owner, consultation, PNG)
    refused = attach(owner, consultation, uploaded(owner, PNG), "MEDICAL_DOC")
    assert (refused.status, refused.code) == (409, "CONFLICT")


def test_keys_say_nothing_and_links_are_logged(
    system_user: Api, database: Connection
) -> None:
    owner = system_user
    media = attached(owner, draft(owner), PNG)
    link_of(owner, media["id"])
    query = "select action from app.audit_log where entity_id = %(id)s order by id"
    logged = [row["action"] for row in rows(database, query, id=media["id"])]
    assert logged == ["MEDIA_ADDED", "MEDIA_DOWNLOADED"]
    key = value(
        database, "select object_key from app.media where id = %(id)s", id=media["id"]
    )
    assert key.startswith("media/")
    assert len(key) == len("media/") + 64
    assert owner.mobile not in key


@pytest.fixture
def system_user(owner: Api) -> Api:
    """An owner of this test alone."""
    return new_owner(owner.api_url)
