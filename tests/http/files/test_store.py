"""The store by every kind of address, against a real S3 server."""

import gzip
import socket
from tempfile import TemporaryFile
from typing import Any

import httpx
import pytest
from yarl import URL

from api_extensions.db import Database
from api_extensions.files.measure import UnsoundError
from api_extensions.files.store import MissingObjectError, Store
from api_extensions.settings import Addressing, Settings
from db.objects import ObjectStore
from stack.parts.s3 import DOMAIN
from tests.http.files.client import attach, draft, ticket
from tests.http.files.conftest import Work
from tests.samples import PNG
from tests.support.api import Api


@pytest.fixture
def domain(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    """The server's address with a name, below which each bucket has its own.

    Browsers look up *.localhost by themselves; here and in httpx the system does.
    """
    look_up = socket.getaddrinfo

    def getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        is_local = isinstance(name, str) and name.endswith(DOMAIN)
        return look_up("127.0.0.1" if is_local else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return str(URL(settings.s3_endpoint).with_host(DOMAIN)).rstrip("/")


async def come_and_go(_: Database, store: Store) -> int:
    """Put an object there, see it, read it, and take it away."""
    with TemporaryFile() as file:
        file.write(PNG.data)
        await store.keep("media/here", file, mime_type=PNG.mime_type)
    with TemporaryFile() as file:
        await store.fetch("media/here", file, size=len(PNG.data))
        assert file.seek(0) == 0
        assert file.read() == PNG.data
        with pytest.raises(UnsoundError):
            await store.fetch("media/here", file, size=len(PNG.data) - 1)
        found = [item.key async for page in store.listing("media/he") for item in page]
        await store.delete("media/here")
        with pytest.raises(MissingObjectError):
            await store.fetch("media/here", file, size=len(PNG.data))
    return len(found)


@pytest.mark.parametrize("region", ["us-east-1", "auto", "eu-central-1"])
@pytest.mark.parametrize("addressing", Addressing)
def test_one_code_path_does_for_every_address(
    domain: str, work: Work, addressing: Addressing, region: str
) -> None:
    place = {
        "s3_endpoint": domain,
        "s3_addressing": addressing,
        "s3_region": region,
    }
    assert work(come_and_go, **place) == 1


@pytest.mark.parametrize("addressing", Addressing)
def test_clients_use_the_public_address_with_what_is_signed_and_nothing_else(
    domain: str, settings: Settings, addressing: Addressing
) -> None:
    """We would not get through: our own address is another, where nobody listens."""
    changes = {
        "s3_endpoint": "http://127.0.0.1:1",
        "s3_public_endpoint": domain,
        "s3_addressing": addressing,
        "s3_region": "ir-thr-1",
    }
    store = Store(settings.model_copy(update=changes))
    url, headers = store.signed_put(
        f"uploads/{addressing}", mime_type="image/png", size=len(PNG.data)
    )
    begins = {"path": f"{DOMAIN}:", "virtual": f"vetline.{DOMAIN}:"}
    assert url.startswith(f"http://{begins[addressing]}")
    for data, change, status in (
        (PNG.data + b"!", {"Content-Length": str(len(PNG.data) + 1)}, 403),
        (PNG.data, {"Content-Type": "text/html"}, 403),
        (PNG.data, {}, 200),
    ):
        sent = {**headers, **change}
        assert httpx.put(url, content=data, headers=sent).status_code == status
    link = store.signed_get(
        f"uploads/{addressing}", mime_type="image/png", filename="1.png"
    )
    assert httpx.get(link).content == PNG.data


@pytest.mark.parametrize("addressing", Addressing)
def test_the_tools_reach_the_same_bucket_by_the_same_settings(
    domain: str, settings: Settings, addressing: Addressing
) -> None:
    store = ObjectStore.from_environment(
        {
            "S3_ENDPOINT": domain,
            "S3_BUCKET": settings.s3_bucket,
            "S3_REGION": "eu-central-1",
            "S3_ADDRESSING": addressing,
            "S3_ACCESS_KEY": settings.s3_access_key.get_secret_value(),
            "S3_SECRET_KEY": settings.s3_secret_key.get_secret_value(),
        }
    )
    assert store
    store.create()
    key = f"uploads/by-tools-{addressing}"
    store.bucket.put_object(Key=key, Body=b"!")
    asked = store.bucket.meta.client.generate_presigned_url(
        "get_object", {"Bucket": settings.s3_bucket, "Key": key}
    )
    assert (f"//{settings.s3_bucket}.{DOMAIN}" in asked) == (addressing == "virtual")
    assert httpx.get(asked).content == b"!"
    store.bucket.Object(key).delete()


def test_nobody_unpacks_what_a_client_says_is_packed(owner: Api) -> None:
    """A few bytes may be packed gigabytes; and what is checked is what is stored."""
    data = gzip.compress(PNG.data)
    upload = ticket(owner, PNG, len(data))
    assert upload.put(data, **{"Content-Encoding": "gzip"}) == 200
    refused = attach(owner, draft(owner), upload)
    assert (refused.status, refused.code) == (422, "VALIDATION_FAILED")
