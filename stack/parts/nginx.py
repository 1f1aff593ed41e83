"""nginx: the one door to everything."""

import re
from collections.abc import Mapping
from http import HTTPStatus

from stack.ask import http_status
from stack.part import Part
from stack.site import Site


def describe(site: Site) -> Part:
    """Describe nginx; it is ready when the sidecar can be asked through it."""
    home = site.directory.part_directory("nginx", site.account)
    configuration = home / "nginx.conf"
    variables = {
        "GATEWAY_DIR": str(site.programs.root / "gateway"),
        "POSTGREST_UPSTREAM": site.postgrest_address,
        "SIDECAR_UPSTREAM": site.sidecar_address,
        "LISTEN": site.gateway_address,
        "RUN_DIR": str(home),
        "LOG_DIR": str(site.directory.log("nginx").parent),
        "PUBLIC_BASE_URL": site.settings.base_url,
        "CORS_ORIGINS": site.settings.system["CORS_ORIGINS"],
    }

    def render() -> None:
        template = site.programs.root / "gateway" / "nginx.conf.template"
        site.hand_over(configuration, substitute(template.read_text(), variables))

    return Part(
        name="nginx",
        command=[site.programs.from_npm("nginx"), "-p", home, "-c", configuration],
        environment=site.environment(),
        before=render,
        is_ready=lambda: http_status(site.gateway_address, "/healthz") == HTTPStatus.OK,
        needs=("postgrest", "sidecar"),
    )


def substitute(template: str, variables: Mapping[str, str]) -> str:
    """Replace ${NAME} for each of our names, as `envsubst` with a list does.

    nginx writes its own variables the same way, so other names are left alone.
    """
    names = "|".join(variables)
    return re.sub(rf"\$\{{({names})\}}", lambda found: variables[found[1]], template)
