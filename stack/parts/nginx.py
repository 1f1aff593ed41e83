"""nginx: the one door to everything."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from itertools import product

from gateway.site.build import build
from stack.ask import http_status
from stack.part import Part
from stack.site import Site


def describe(site: Site) -> Part:
    """Describe nginx; it is ready when the sidecar can be asked through it."""
    home = site.directory.part_directory("nginx", site.account)
    configuration = home / "nginx.conf"
    pages = site.directory.state / "site"  # nginx only reads them
    upstreams = [site.replicas(name) for name in ("postgrest", "sidecar")]
    variables: dict[str, str | Sequence[str]] = {
        "GATEWAY_DIR": str(site.programs.root / "gateway"),
        "POSTGREST_UPSTREAM": list(upstreams[0].values()),
        "SIDECAR_UPSTREAM": list(upstreams[1].values()),
        "LISTEN": site.gateway_address,
        "SITE_DIR": str(pages),
        "RUN_DIR": str(home),
        "LOG_DIR": str(site.directory.log("nginx").parent),
        "PUBLIC_BASE_URL": site.settings.base_url,
        "CORS_ORIGINS": site.settings.system["CORS_ORIGINS"],
    }

    def render() -> None:
        build(pages, site.programs.node_modules)
        template = site.programs.root / "gateway" / "nginx.conf.template"
        site.hand_over(configuration, substitute(template.read_text(), variables))

    return Part(
        name="nginx",
        command=[site.programs.from_npm("nginx"), "-p", home, "-c", configuration],
        environment=site.environment(),
        before=render,
        is_ready=lambda: http_status(site.gateway_address, "/healthz") == HTTPStatus.OK,
        needs=(*upstreams[0], *upstreams[1]),
    )


def substitute(template: str, variables: Mapping[str, str | Sequence[str]]) -> str:
    """Replace ${NAME} for each of our names, as `envsubst` with a list does.

    nginx writes its own variables the same way, so other names are left alone. A line
    that names something with several values is repeated for each of them.
    """
    named = re.compile(rf"\$\{{({'|'.join(variables)})\}}")
    return "".join(
        _filled(line, named, values)
        for line in template.splitlines(keepends=True)
        for values in product(*(_all(variables[name]) for name in named.findall(line)))
    )


def _filled(line: str, named: re.Pattern[str], values: Sequence[str]) -> str:
    remaining = iter(values)
    return named.sub(lambda _: next(remaining), line)


def _all(value: str | Sequence[str]) -> Sequence[str]:
    return [value] if isinstance(value, str) else value
