"""Signed addresses are those that boto3 makes: one code path for all stores."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import boto3
import pytest
from botocore import auth
from botocore.config import Config

from api_extensions.files.signing import Signer
from api_extensions.files.store import Store
from api_extensions.settings import Addressing, Settings

KEY = "media/5f0c"
# A store, its region, how it is addressed, and where the bucket is then.
PLACES = [
    ("https://s3.eu-central-1.amazonaws.com", "eu-central-1", "virtual",
     "https://vetline.s3.eu-central-1.amazonaws.com"),
    ("https://acc.r2.cloudflarestorage.com", "auto", "path",
     "https://acc.r2.cloudflarestorage.com/vetline"),
    ("https://acc.r2.cloudflarestorage.com", "auto", "virtual",
     "https://vetline.acc.r2.cloudflarestorage.com"),
    ("https://minio.clinic.example:9000", "us-east-1", "path",
     "https://minio.clinic.example:9000/vetline"),
    ("http://127.0.0.1:8333", "us-east-1", "path", "http://127.0.0.1:8333/vetline"),
    ("http://s3.localhost:8333", "ir-thr-1", "virtual",
     "http://vetline.s3.localhost:8333"),
]  # fmt: skip
# What is asked: our words for it, and boto3's.
DOWNLOAD = {"response-content-type": "image/png",
            "response-content-disposition": 'attachment; filename="1.png"'}  # fmt: skip
UPLOAD = {"Content-Type": "image/png", "Content-Length": "7"}


def placed(settings: Settings, endpoint: str, region: str, style: str) -> Settings:
    """Return settings for another store."""
    changes = {
        "s3_endpoint": endpoint,
        "s3_region": region,
        "s3_addressing": Addressing(style),
    }
    return settings.model_copy(update=changes)


def by_boto3(settings: Settings, operation: str, **parameters: object) -> str:
    """Have boto3 sign."""
    client = boto3.client(
        "s3",
        endpoint_url=settings.s3_endpoint,
        region_name=settings.s3_region,
        aws_access_key_id=settings.s3_access_key.get_secret_value(),
        aws_secret_access_key=settings.s3_secret_key.get_secret_value(),
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": settings.s3_addressing.value},
        ),
    )
    return client.generate_presigned_url(
        operation, {"Bucket": settings.s3_bucket, "Key": KEY, **parameters}, 900
    )


def parts_of(url: str) -> tuple[str, str, str, dict[str, str]]:
    """Take an address apart; the order of its parameters means nothing."""
    found = urlsplit(url)
    return found.scheme, found.netloc, found.path, dict(parse_qsl(found.query))


@pytest.fixture(autouse=True)
def _one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let both sign at the same second."""
    now = datetime.now(UTC)
    monkeypatch.setattr(auth, "get_current_datetime", lambda **_: now)


@pytest.mark.parametrize(("endpoint", "region", "style", "bucket"), PLACES)
def test_it_signs_as_boto3_does(
    settings: Settings, endpoint: str, region: str, style: str, bucket: str
) -> None:
    settings = placed(settings, endpoint, region, style)
    signer = Signer(settings, endpoint)
    uploading = signer.sign("PUT", KEY, seconds=900, headers=UPLOAD)
    downloading = signer.sign("GET", KEY, seconds=900, query=DOWNLOAD)
    assert uploading.startswith(f"{bucket}/{KEY}?")
    assert f"%2F{region}%2Fs3%2Faws4_request" in uploading
    assert parts_of(uploading) == parts_of(
        by_boto3(settings, "put_object", ContentType="image/png", ContentLength=7)
    )
    assert parts_of(downloading) == parts_of(
        by_boto3(
            settings,
            "get_object",
            ResponseContentType="image/png",
            ResponseContentDisposition='attachment; filename="1.png"',
        )
    )


def test_type_and_length_are_signed_and_a_link_lives_for_a_quarter_of_an_hour(
    settings: Settings,
) -> None:
    url, headers = Store(settings).signed_put(KEY, mime_type="image/png", size=7)
    query = parts_of(url)[3]
    assert headers == UPLOAD
    assert query["X-Amz-SignedHeaders"] == "content-length;content-type;host"
    assert query["X-Amz-Expires"] == "900"
    link = Store(settings).signed_get(KEY, mime_type="image/png", filename="1.png")
    assert parts_of(link)[3]["X-Amz-Expires"] == "900"


def test_clients_get_the_public_address(settings: Settings) -> None:
    changes = {"s3_public_endpoint": "https://files.clinic.example"}
    store = Store(settings.model_copy(update=changes))
    uploading, _ = store.signed_put(KEY, mime_type="image/png", size=7)
    downloading = store.signed_get(KEY, mime_type="image/png", filename="1.png")
    for url in (uploading, downloading):
        assert url.startswith(f"https://files.clinic.example/vetline/{KEY}?")
