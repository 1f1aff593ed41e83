"""The sidecar: accounts, payments, SMS."""

from http import HTTPStatus

from stack.ask import http_status
from stack.part import Part
from stack.parts import zarinpal
from stack.parts.s3 import BUCKET
from stack.site import Site


def describe(site: Site) -> list[Part]:
    """Describe every replica of the sidecar."""
    return [_describe(site, *each) for each in site.replicas("sidecar").items()]


def _describe(site: Site, name: str, address: str) -> Part:
    """Describe a replica; it says itself when it is ready."""
    return Part(
        name=name,
        command=site.programs.module("api_extensions"),
        environment=site.python_environment(
            **settings(site),
            SIDECAR_LISTEN=address,
        ),
        is_ready=lambda: http_status(address, "/readyz") == HTTPStatus.OK,
        needs=("seed", "s3"),
    )


def settings(site: Site) -> dict[str, str]:
    """Return the settings that depend on this run, for the sidecar and its workers."""
    secrets = ("JWT_ACCESS_SECRET", "JWT_REFRESH_SECRET")
    keys = ("S3_ACCESS_KEY", "S3_SECRET_KEY")
    return {
        "DATABASE_URL": site.database_url("sidecar"),
        "S3_ENDPOINT": site.s3_url,
        "S3_BUCKET": BUCKET,
        **{name: site.secrets[name] for name in (*secrets, *keys)},
        **zarinpal.settings(site),
    }
