"""The S3 server: SeaweedFS, in one process; none with LOCAL_STORAGE=false."""

from __future__ import annotations

import json
import signal
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from db.objects import connect, cors_rule
from stack.part import Part
from stack.site import Site

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "vetline"
DOMAIN = "s3.localhost"
# Each of its servers has an HTTP and a gRPC port.
_SERVERS = ("master", "volume", "filer", "s3")
PORTS = tuple(name for server in _SERVERS for name in (server, f"{server}_grpc"))


def describe(site: Site) -> list[Part]:
    """Describe the server, which is ready when our bucket exists; or nothing."""
    if site.settings.storage is not None:
        return []
    data = site.directory.part_directory("s3", site.account)

    def before() -> None:
        _remove_sockets(site)
        _write_identities(site, data)

    client = cache(lambda: _client(site))  # it takes longer to make than to ask

    return [
        Part(
            name="s3",
            command=_command(site, data),
            environment=site.environment(),
            before=before,
            after=lambda: _remove_sockets(site),
            is_ready=lambda: _has_bucket(client(), site),
            # Its filer takes 15 s to say goodbye to itself. Nobody else is connected by
            # then, and what it has acknowledged is in its files already.
            stop_signal=signal.SIGKILL,
            death_signal=signal.SIGKILL,
        )
    ]


def settings(site: Site) -> Mapping[str, str]:
    """Return the settings that lead to the bucket."""
    if site.settings.storage is not None:
        return site.settings.storage
    keys = ("S3_ACCESS_KEY", "S3_SECRET_KEY")
    return {
        "S3_ENDPOINT": site.s3_url,
        "S3_BUCKET": BUCKET,
        **{name: site.secrets[name] for name in keys},
    }


def _command(site: Site, data: Path) -> list[str | Path]:
    return [
        site.programs.venv / "bin" / "weed",
        "-logtostderr=true",
        "server",
        f"-dir={data}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-filer",
        "-s3",
        *_port_options(site),
        f"-filer.localSocket={site.sockets}/filer.sock",
        f"-s3.localSocket={site.sockets}/s3.sock",
        f"-s3.config={_identities(data)}",
        # With S3_ADDRESSING=virtual the bucket's name stands before it.
        f"-s3.domainName={DOMAIN}",
        "-s3.iam=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-master.peers=none",  # alone: no election to wait for
        "-master.telemetry=false",
        "-master.volumeSizeLimitMB=128",
        "-volume.max=0",
    ]


def _port_options(site: Site) -> list[str]:
    return [
        option
        for server in _SERVERS
        for option in (
            f"-{server}.port={site.ports[server]}",
            f"-{server}.port.grpc={site.ports[f'{server}_grpc']}",
        )
    ]


def _identities(data: Path) -> Path:
    return data / "identities.json"


def _write_identities(site: Site, data: Path) -> None:
    """Let exactly one key in, with every right."""
    key = {
        "accessKey": site.secrets["S3_ACCESS_KEY"],
        "secretKey": site.secrets["S3_SECRET_KEY"],
    }
    identity = {"name": "vetline", "credentials": [key], "actions": ["Admin"]}
    site.hand_over(_identities(data), json.dumps({"identities": [identity]}))


def _remove_sockets(site: Site) -> None:
    """Remove the sockets that it makes outside our directory, and does not remove."""
    for server in _SERVERS:
        port = site.ports[f"{server}_grpc"]
        name = f"/tmp/seaweedfs-{server}-grpc-{port}.sock"  # noqa: S108  # its choice
        Path(name).unlink(missing_ok=True)


def _client(site: Site) -> S3Client:
    return connect(
        settings(site),
        retries={"max_attempts": 0},
        connect_timeout=1,
        read_timeout=2,
    ).meta.client


def _has_bucket(client: S3Client, site: Site) -> bool:
    """Make the bucket, or find that it has been made; let our pages upload to it."""
    try:
        client.create_bucket(Bucket=BUCKET)
    except ClientError as error:
        if error.response["Error"]["Code"] != "BucketAlreadyOwnedByYou":
            return False
    except BotoCoreError:  # not listening yet
        return False
    origins = [site.settings.base_url, *site.settings.system["CORS_ORIGINS"].split()]
    client.put_bucket_cors(
        Bucket=BUCKET, CORSConfiguration={"CORSRules": [cors_rule(origins)]}
    )
    return True
