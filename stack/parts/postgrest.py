"""PostgREST: the API that the database describes."""

import base64
import json
from collections.abc import Mapping
from http import HTTPStatus

from stack.ask import http_status
from stack.part import Part
from stack.site import Site


def describe(site: Site) -> list[Part]:
    """Describe every replica of PostgREST."""
    return [_describe(site, *each) for each in site.replicas("postgrest").items()]


def _describe(site: Site, name: str, address: str) -> Part:
    """Describe a replica; it is ready when it has read the schema."""
    secrets = {**site.secrets, **site.settings.system}
    return Part(
        name=name,
        command=[
            site.programs.from_npm("postgrest"),
            site.programs.root / "db" / "postgrest.conf",
        ],
        environment=site.environment(
            PGRST_DB_URI=site.database_url("authenticator"),
            PGRST_JWT_SECRET=_key_set(secrets),
            PGRST_JWT_AUD=site.settings.system["JWT_AUDIENCE"],
            PGRST_SERVER_UNIX_SOCKET=address.removeprefix("unix:"),
            PGRST_OPENAPI_SERVER_PROXY_URI=f"{site.settings.base_url}/rest/v1",
        ),
        # Without a schema it answers 503.
        is_ready=lambda: http_status(address, "/") not in _NOT_READY,
        needs=("migrate",),
    )


_NOT_READY = (None, HTTPStatus.SERVICE_UNAVAILABLE)


def _key_set(secrets: Mapping[str, str]) -> str:
    """Return the secrets that access tokens are signed with, as JWKS."""
    names = ("JWT_ACCESS_SECRET", "JWT_ACCESS_SECRET_PREVIOUS")
    keys = [
        {"kty": "oct", "alg": "HS256", "k": _base64url(secrets[name])}
        for name in names
        if name in secrets
    ]
    return json.dumps({"keys": keys})


def _base64url(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
