"""/docs and /openapi.json are files of ours, with a policy under which they work."""

import re

import httpx
import pytest

from gateway.site.guide import rest_call
from gateway.site.routes import read_routes
from tests.gateway.upstream import Upstream
from tests.support.contract import document

PAGES = ["/docs/", "/docs/guide.html", "/docs/start.js", "/docs/swagger-ui.css"]


def test_the_document_is_served(client: httpx.Client, postgrest: Upstream) -> None:
    response = client.get("/openapi.json")
    assert response.headers["Content-Type"] == "application/json"
    assert response.json() == document()
    assert not postgrest.received


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_nothing_of_other_sites_and_runs_nothing_inside_it(
    client: httpx.Client, path: str
) -> None:
    response = client.get(path)
    policy = response.headers["Content-Security-Policy"]
    assert response.status_code == 200
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    if path.endswith(("/", "html")):
        assert not re.search(r'(src|href)="(https?:)?//', response.text)
        assert not re.search(r"<script>|<style|style=|\son\w+=", response.text)


@pytest.mark.parametrize("path", [*PAGES, "/openapi.json"])
def test_what_everybody_may_see_is_asked_for_again(
    client: httpx.Client, path: str
) -> None:
    first = client.get(path)
    assert first.headers.get_list("Cache-Control") == ["no-cache"]
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    ["/docs/../nginx.conf", "/docs/%2e%2e/nginx.conf", "/docs/..%2fnginx.conf",
     "/docs/nothing", "/docs//etc/passwd", "/openapi.json/", "/docs../nginx.conf"],
)  # fmt: skip
def test_nothing_else_is_served(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_docs_is_found_without_its_slash(client: httpx.Client) -> None:
    response = client.get("/docs")
    assert (response.status_code, response.headers["Location"]) == (308, "/docs/")


def test_the_guide_says_which_call_of_rest_each_route_is(client: httpx.Client) -> None:
    page = client.get("/docs/guide.html").text
    for route in read_routes():
        assert f"<code>{route['method']} /api/v1{route['path']}</code>" in page
        assert f"<code>{rest_call(route) or '–'}</code>" in page
