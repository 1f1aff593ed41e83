"""Copying the bucket to a directory and back; `python -m db.objects` makes it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_s3.service_resource import Bucket, S3ServiceResource
    from mypy_boto3_s3.type_defs import CORSRuleTypeDef

# Beside an object lies its type, which S3 keeps apart from its bytes.
_TYPE = ".content-type"


@dataclass(frozen=True)
class ObjectStore:
    """The bucket that S3_… settings name."""

    bucket: Bucket

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> ObjectStore | None:
        """Return the store, or None when no endpoint is set."""
        if not environment.get("S3_ENDPOINT"):
            return None
        return cls(connect(environment).Bucket(environment["S3_BUCKET"]))

    def create(self) -> None:
        """Make the bucket, unless it is there and ours."""
        client = self.bucket.meta.client
        try:
            client.head_bucket(Bucket=self.bucket.name)
        except client.exceptions.ClientError:
            client.create_bucket(Bucket=self.bucket.name)

    def allow(self, origins: Sequence[str]) -> None:
        """Let pages of these origins use signed URLs; others' browsers refuse to."""
        self.bucket.Cors().put(CORSConfiguration={"CORSRules": [cors_rule(origins)]})

    def download(self, directory: Path) -> int:
        """Copy every object into a new directory; return how many there were."""
        directory.mkdir(mode=0o700)
        count = 0
        for count, summary in enumerate(self.bucket.objects.all(), 1):  # noqa: B007
            path = directory / quote(summary.key, safe="")
            stored = summary.get()
            with path.open("wb") as file:
                for chunk in stored["Body"].iter_chunks():
                    file.write(chunk)
            path.with_name(path.name + _TYPE).write_text(stored["ContentType"])
        return count

    def upload(self, directory: Path) -> int:
        """Put back what `download` has saved; return how many there were."""
        paths = [path for path in directory.iterdir() if not path.name.endswith(_TYPE)]
        for path in paths:
            content_type = path.with_name(path.name + _TYPE).read_text()
            with path.open("rb") as file:
                self.bucket.put_object(
                    Key=unquote(path.name), Body=file, ContentType=content_type
                )
        return len(paths)


def connect(environment: Mapping[str, str], **options: Any) -> S3ServiceResource:
    """Reach the store as the sidecar does, by the same settings and defaults.

    Args:
        environment: has the S3_… settings.
        options: of botocore's own, such as time-outs.
    """
    is_virtual = environment.get("S3_ADDRESSING") == "virtual"
    return boto3.resource(
        "s3",
        endpoint_url=environment["S3_ENDPOINT"],
        region_name=environment.get("S3_REGION") or "us-east-1",
        aws_access_key_id=environment["S3_ACCESS_KEY"],
        aws_secret_access_key=environment["S3_SECRET_KEY"],
        config=Config(
            s3={"addressing_style": "virtual" if is_virtual else "path"},
            # Newer checksums are not understood by all that speak S3.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            **options,
        ),
    )


def cors_rule(origins: Sequence[str]) -> CORSRuleTypeDef:
    """Give what a bucket has to be told of the pages that upload (docs/files.md)."""
    return {
        "AllowedOrigins": list(origins),
        "AllowedMethods": ["PUT", "GET"],
        "AllowedHeaders": ["content-type"],
        "MaxAgeSeconds": 600,
    }


def main() -> None:
    """Make the bucket of S3_ENDPOINT, and let our pages upload to it."""
    store = ObjectStore.from_environment(os.environ)
    if store is None:
        sys.exit("S3_ENDPOINT is not set")
    store.create()
    origins = f"{os.environ['PUBLIC_BASE_URL']} {os.environ.get('CORS_ORIGINS', '')}"
    store.allow(origins.split())
    print(f"the bucket {store.bucket.name} is there")


if __name__ == "__main__":
    main()
