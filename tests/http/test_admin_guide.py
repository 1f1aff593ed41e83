"""An admin's whole day works when it is pasted from docs/admin.md."""

import re
from pathlib import Path

import pytest

from db.tools.paths import ROOT
from stack.background import System
from tests.http.files.client import attached
from tests.http.test_doctor import begin, is_given
from tests.samples import PNG
from tests.support.api import Api, paid_consultation
from tests.support.database import Connection
from tests.support.playing import play

_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_SHOWS = re.compile(r"# → (.+)$", re.MULTILINE)
_REFUSED = re.compile(r'"code": *"([A-Z_]+)"')


@pytest.fixture
def _calls(admin: Api, doctor: Api, owner: Api, database: Connection) -> None:
    """A call of the doctor's that has begun, and a newer one with a file."""
    doctors = admin.call("GET", "/admin/doctors", query={"limit": "100"}).data
    doctor_id = next(one["id"] for one in doctors if one["mobile"] == doctor.mobile)
    consultation_id = paid_consultation(owner)
    while not is_given(admin, consultation_id, doctor_id):
        consultation_id = paid_consultation(owner)
    path = f"/admin/consultations/{consultation_id}"
    seat = admin.call("GET", path).data["appointment"]
    begin(database, seat["id"])
    attached(owner, paid_consultation(owner), PNG)


@pytest.mark.usefixtures("_calls")
def test_an_admins_day_is_played(system: System, tmp_path: Path) -> None:
    blocks = _BLOCK.findall((ROOT / "docs" / "admin.md").read_text("utf-8"))
    outputs = play(system, blocks, tmp_path)
    for block, output in zip(blocks, outputs, strict=True):
        shown = _SHOWS.findall(block)
        missing = [text for text in shown if _plain(text) not in _plain(output)]
        assert not missing, f"{missing}\n{block}\n{output}"
        assert set(_REFUSED.findall(output)) <= set(shown), f"{block}\n{output}"
    assert (tmp_path / "file").read_bytes() == PNG.data
    # What was begun today is in a file that ends today, whichever day the machine has.
    assert (tmp_path / "consultations.csv").read_text("utf-8-sig").count("\n") > 1


def _plain(text: str) -> str:
    """Leave out the spaces: not everything that writes JSON sets them alike."""
    return text.replace(" ", "")
