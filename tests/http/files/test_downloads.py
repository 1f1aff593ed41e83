"""Who gets a link to a file: its owner, the doctor who calls, and admins."""

import httpx
import pytest

from stack.background import System
from tests.http.files.client import attached, link_of
from tests.samples import PDF
from tests.support.api import Api, new_owner, paid_consultation


@pytest.fixture
def colleague(system: System, doctor: Api) -> Api:
    """Another demo doctor."""
    api = Api(system.api_url)
    assert api.sign_in("09000000004", doctor.password).data
    return api


@pytest.fixture(scope="module")
def file(system: System, admin: Api, doctor: Api) -> tuple[Api, str]:
    """A file of a consultation that the doctor has, and its owner."""
    owner = new_owner(system.api_url)
    doctors = admin.call("GET", "/admin/doctors").data
    doctor_id = next(d["id"] for d in doctors if d["mobile"] == doctor.mobile)
    consultation_id = paid_consultation(owner)
    path = f"/admin/consultations/{consultation_id}"
    while admin.call("PATCH", path, {"doctorId": doctor_id}).status != httpx.codes.OK:
        consultation_id = paid_consultation(owner)  # the doctor was busy then
        path = f"/admin/consultations/{consultation_id}"
    return owner, attached(owner, consultation_id, PDF)["id"]


def test_the_owner_the_doctor_who_calls_and_admins_get_the_file(
    file: tuple[Api, str], doctor: Api, admin: Api
) -> None:
    owner, media_id = file
    for somebody in (owner, doctor, admin):
        download = httpx.get(link_of(somebody, media_id))
        assert download.content == PDF.data
        disposition = f'attachment; filename="{media_id}.pdf"'
        assert download.headers["Content-Disposition"] == disposition
        assert download.headers["Content-Type"] == "application/pdf"
        assert download.headers["Cache-Control"] == "private, no-store"


def test_another_doctor_and_a_stranger_do_not_find_it(
    file: tuple[Api, str], colleague: Api, stranger: Api
) -> None:
    _, media_id = file
    for somebody in (colleague, stranger):
        answer = somebody.call("GET", f"/media/{media_id}/download")
        assert (answer.status, answer.code) == (404, "NOT_FOUND")
        assert "Location" not in answer.headers


def test_a_doctor_who_no_longer_calls_finds_it_no_longer(
    file: tuple[Api, str], admin: Api, doctor: Api, colleague: Api
) -> None:
    owner, media_id = file
    consultations = owner.call("GET", "/consultations").data
    (path,) = [
        f"/admin/consultations/{one['id']}"
        for one in consultations
        if media_id in [each["id"] for each in one["media"]]
    ]
    ids = {d["mobile"]: d["id"] for d in admin.call("GET", "/admin/doctors").data}
    given = admin.call("PATCH", path, {"doctorId": ids["09000000004"]})
    assert given.status == 200, given
    download = f"/media/{media_id}/download"
    assert doctor.call("GET", download).code == "NOT_FOUND"
    assert colleague.send("GET", f"/api/v1{download}").status_code == 302
    admin.call("PATCH", path, {"doctorId": ids[doctor.mobile]})
