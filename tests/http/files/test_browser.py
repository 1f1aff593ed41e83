"""A page of an allowed origin uploads with nothing but what presign returned."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import sync_playwright

from stack.background import System, running_system
from stack.ports import free_port
from tests.http.files.client import attached, draft, presign
from tests.samples import PNG
from tests.support.api import new_owner
from tests.support.processes import parts

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium")

_UPLOAD = """
async ([{url, method, headers}, bytes]) => {
    try {
        const body = new Uint8Array(bytes);
        return (await fetch(url, {method, headers, body})).status;
    } catch (error) {
        return error.name;
    }
}
"""


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>A page</title>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def origins() -> Iterator[tuple[str, str]]:
    """Two origins that serve the same page: the first will be allowed."""
    servers = [ThreadingHTTPServer(("127.0.0.1", free_port()), _Page) for _ in "12"]
    for server in servers:
        threading.Thread(target=partial(server.serve_forever, 0.05)).start()
    good, bad = (f"http://127.0.0.1:{server.server_port}" for server in servers)
    yield good, bad
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def open_system(system: System, origins: tuple[str, str]) -> Iterator[System]:
    """A system that allows the first origin, and has its files in the other's store."""
    settings = {
        name: text or ""
        for name, text in system.values.items()
        if name.startswith("S3_")
    } | {"S3_BUCKET": "elsewhere", "CORS_ORIGINS": origins[0]}
    subprocess.run(
        [sys.executable, "-m", "db.objects"],
        env=os.environ | settings | {"PUBLIC_BASE_URL": system.api_url},
        check=True,
    )
    with running_system(
        **settings, LOCAL_STORAGE="false", RUN_WORKERS="false"
    ) as running:
        yield running


def test_a_store_elsewhere_is_used_and_none_is_started(open_system: System) -> None:
    assert parts(open_system.run_dir, "api_extensions")
    assert not parts(open_system.run_dir, "bin/weed")
    owner = new_owner(open_system.api_url)
    attached(owner, draft(owner), PNG)


def test_a_page_uploads_if_its_origin_is_allowed(
    open_system: System, origins: tuple[str, str]
) -> None:
    owner = new_owner(open_system.api_url)
    consultation = draft(owner)
    outcomes = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"]
        )
        for origin in origins:
            page = browser.new_page()
            page.goto(origin)
            upload = presign(owner, PNG).data
            status = page.evaluate(_UPLOAD, [upload, list(PNG.data)])
            outcomes.append((status, upload["uploadKey"]))
        browser.close()
    (allowed, key), (refused, _) = outcomes
    assert (allowed, refused) == (200, "TypeError")
    body = {"uploadKey": key, "purpose": "MEDICAL_DOC"}
    path = f"/consultations/{consultation}/attachments"
    assert owner.call("POST", path, body).status == 201
