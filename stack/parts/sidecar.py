"""The sidecar: accounts, payments, SMS."""

from http import HTTPStatus

from stack.ask import http_status
from stack.part import Part
from stack.parts import s3, zarinpal
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
        needs=("seed", *(part.name for part in s3.describe(site))),
    )


def settings(site: Site) -> dict[str, str]:
    """Return the settings that depend on this run, for the sidecar and its workers."""
    secrets = ("JWT_ACCESS_SECRET", "JWT_REFRESH_SECRET")
    return {
        "DATABASE_URL": site.database_url("sidecar"),
        **{name: site.secrets[name] for name in secrets},
        **s3.settings(site),
        **zarinpal.settings(site),
    }
