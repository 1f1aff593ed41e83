"""Whoever has read nothing but the document can play the whole journey."""

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin

from stack.background import System
from tests.samples import PNG
from tests.support.reader import Reader

MOBILE, PASSWORD = "۰۹۳۶ ۱۲۳ ۴۵ ۶۷", "tooti-sabz-9"


class Form(HTMLParser):
    """The form of a page.

    Attributes:
        sends: its method and address.
        buttons: the name and value of each.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sends = ("", "")
        self.buttons: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form and its buttons."""
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.sends = (found.get("method", "get").upper(), found.get("action", ""))
        elif tag == "button":
            self.buttons.append((found["name"], found["value"]))


def free_slot(client: Reader) -> str:
    """Find the start of a slot that can be held, the way its description says."""
    first = datetime.now(UTC).date() + timedelta(days=1)
    last = first + timedelta(days=28)
    calendar = client.do("getAvailability", **{"from": f"{first}", "to": f"{last}"})
    return next(
        str(slot["startAt"])
        for day in calendar["days"]
        for slot in day["slots"]
        if slot["unavailableReason"] is None and not slot["isFull"]
    )


def upload(client: Reader, data: bytes) -> None:
    """Send a file where presign says, as it says."""
    place = client.do("presignUpload", category="IMAGE", ext="png", size=len(data))
    stored = client.follow(
        place["url"], method=place["method"], headers=place["headers"], content=data
    )
    assert stored.status_code == HTTPStatus.OK


def press(client: Reader, url: str) -> Any:
    """Pay on the page behind a link, and come back as a program does."""
    form = Form(client.follow(url).text)
    method, action = form.sends
    name, value = form.buttons[0]
    paid = client.follow(urljoin(url, action), method=method, data={name: value})
    assert paid.is_redirect
    back = client.follow(
        urljoin(url, paid.headers["Location"]), headers={"Accept": "application/json"}
    )
    return back.json()["data"]


def test_a_client_written_from_the_document_gets_a_call(system: System) -> None:
    client = Reader(system.api_url)
    client.do("register", mobile=MOBILE, password=PASSWORD)
    tokens = client.do("createToken", mobile=MOBILE, password=PASSWORD)
    client.token = tokens["accessToken"]
    client.do("createPet")
    assert client.do("createConsultation")["status"] == "DRAFT"
    assert client.do("submitDetails")["status"] == "DETAILS_SUBMITTED"
    upload(client, PNG.data)
    client.do("addAttachment")
    assert client.do("holdSlot", startAt=free_slot(client))["status"] == "HELD"
    payment = client.do("initiatePayment")
    assert press(client, payment["redirectUrl"])["status"] == "VERIFIED"
    consultation = client.do("getConsultation")
    assert consultation["status"] == "SCHEDULED"
    assert consultation["appointment"]["doctor"]["displayName"]
    assert [each["mimeType"] for each in consultation["media"]] == ["image/png"]
    assert "PAYMENT_SUCCESS" in {
        each["type"] for each in client.do("listNotifications")
    }
    client.do("logout")
    refused = client.send("getMe")
    assert (
        str(refused.status_code)
        in client.document["paths"]["/api/v1/me"]["get"]["responses"]
    )
