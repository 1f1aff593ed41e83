"""/docs in a browser: somebody signs in through it and tries a call."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, sync_playwright

from stack.background import System
from tests.support.api import Api, new_pet

_CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(
    _CHROMIUM is None, reason="there is no chromium: the page is tested in a browser"
)


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of a browser that complains of nothing until the test is over."""
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_CHROMIUM, args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 1600})
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        browser.close()
    assert complaints == []


def execute(page: Page, operation_id: str, body: object = None) -> tuple[str, str]:
    """Open an operation, execute it, and return the status and the body shown."""
    operation = page.locator(f"[id$='-{operation_id}']")
    operation.locator(".opblock-summary").click()
    if body is not None:
        operation.locator("textarea").fill(json.dumps(body))
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table .response")
    return _text(answer, ".response-col_status"), _text(answer, ".microlight")


def _text(answer: Locator, selector: str) -> str:
    return answer.locator(selector).first.inner_text()


def test_somebody_signs_in_and_tries_a_call(
    system: System, owner: Api, page: Page, tmp_path: Path
) -> None:
    pet_id = new_pet(owner)
    page.goto(f"{system.api_url}/docs/")
    credentials = {"mobile": owner.mobile, "password": owner.password}
    assert execute(page, "login", credentials)[0] == "200"

    status, shown = execute(page, "listPets")
    assert status == "200"
    assert [pet["id"] for pet in json.loads(shown)["data"]] == [pet_id]

    # A change: the cookie vouches for it, and so must the page's Origin.
    assert execute(page, "createPet")[0] == "201"
    screenshot = tmp_path / "docs.png"
    page.screenshot(path=screenshot, full_page=True)
    assert screenshot.stat().st_size > 0


def test_the_guide_names_the_system_it_comes_from(system: System, page: Page) -> None:
    page.goto(f"{system.api_url}/docs/guide.html")
    assert f"API={system.api_url}/api/v1" in page.locator("pre").first.inner_text()
    persian = page.locator("h1[lang=fa]")
    assert persian.evaluate("element => getComputedStyle(element).direction") == "rtl"
