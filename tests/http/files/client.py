"""Uploading as a client does it: presign, PUT, register."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.samples import Sample
from tests.support.api import Answer, Api, new_pet


@dataclass(frozen=True)
class Upload:
    """What presign gave."""

    upload_key: str
    url: str
    headers: dict[str, str]

    def put(self, data: bytes, **headers: str) -> int:
        """Send the bytes to the store, and return its status."""
        sent = {"Content-Type": self.headers["Content-Type"]} | headers
        return httpx.put(self.url, content=data, headers=sent).status_code


def draft(owner: Api) -> str:
    """Begin a consultation and return its id."""
    body = {"petId": new_pet(owner), "type": "SPECIALIST"}
    return str(owner.call("POST", "/consultations", body).data["id"])


def presign(owner: Api, sample: Sample, size: int | None = None) -> Answer:
    """Ask for permission to upload a sample."""
    query = {"category": sample.category, "ext": sample.ext}
    query["size"] = str(len(sample.data) if size is None else size)
    return owner.call("GET", "/uploads/presign", query=query)


def ticket(owner: Api, sample: Sample, size: int | None = None) -> Upload:
    """Be given permission to upload a sample."""
    data = presign(owner, sample, size).data
    return Upload(data["uploadKey"], data["url"], data["headers"])


def uploaded(owner: Api, sample: Sample, data: bytes | None = None) -> Upload:
    """Upload a sample, or other bytes under its name."""
    data = sample.data if data is None else data
    upload = ticket(owner, sample, len(data))
    assert upload.put(data) == httpx.codes.OK
    return upload


def attach(
    owner: Api, consultation_id: str, upload: Upload, purpose: str = "OTHER"
) -> Answer:
    """Register an upload."""
    path = f"/consultations/{consultation_id}/attachments"
    body = {"uploadKey": upload.upload_key, "purpose": purpose}
    return owner.call("POST", path, body)


def attached(owner: Api, consultation_id: str, sample: Sample) -> dict[str, Any]:
    """Upload and register a sample, and return the file."""
    answer = attach(owner, consultation_id, uploaded(owner, sample), sample.purpose)
    assert answer.status == httpx.codes.CREATED, answer
    media: dict[str, Any] = answer.data
    return media


def link_of(somebody: Api, media_id: str) -> str:
    """Return where a download is redirected to."""
    response = somebody.send("GET", f"/api/v1/media/{media_id}/download")
    assert response.status_code == httpx.codes.FOUND
    return str(response.headers["Location"])
