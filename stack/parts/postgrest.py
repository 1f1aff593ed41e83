"""PostgREST: the API that the database describes."""

from http import HTTPStatus

from db.key_set import key_set
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
            PGRST_JWT_SECRET=key_set(secrets),
            PGRST_JWT_AUD=site.settings.system["JWT_AUDIENCE"],
            PGRST_SERVER_UNIX_SOCKET=address.removeprefix("unix:"),
            PGRST_OPENAPI_SERVER_PROXY_URI=f"{site.settings.base_url}/rest/v1",
        ),
        # Without a schema it answers 503.
        is_ready=lambda: http_status(address, "/") not in _NOT_READY,
        needs=("migrate",),
    )


_NOT_READY = (None, HTTPStatus.SERVICE_UNAVAILABLE)
