"""A client of /api/v1 that looks at failures instead of raising them."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from api_extensions.accounts.cookies import ACCESS, REFRESH
from tests.support import web
from tests.support.factories import MESSAGE


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        status: of HTTP.
        data: of a success; None for a failure.
        code: of a failure; None for a success.
        error: the failure whole.
        headers: of the answer.
        page: of a list.
    """

    status: int
    data: Any
    code: str | None
    error: dict[str, Any]
    headers: httpx.Headers
    page: dict[str, Any] | None = None


class Api:
    """Calls the contract as one person, by Bearer token, or as nobody."""

    def __init__(self, api_url: str, access_token: str | None = None) -> None:
        self.api_url = api_url
        self.access_token = access_token
        self.refresh_token = ""
        self.mobile = ""
        self.password = ""

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
    ) -> Answer:
        """Call `/api/v1<path>` and open the envelope, which must be one."""
        return opened(self.send(method, f"/api/v1{path}", body, headers, query))

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Send a request to any path, with the token if there is one."""
        sent = {"Accept": "application/json"} | (headers or {})
        if self.access_token:
            sent |= {"Authorization": f"Bearer {self.access_token}"}
        return web.request(
            method,
            f"{self.api_url}{path}",
            headers=sent,
            params=query or None,
            timeout=20,
            json=body,
        )

    def sign_in(self, mobile: str, password: str) -> Answer:
        """Get a pair of tokens for an account, and use it from now on."""
        answer = self.call(
            "POST", "/auth/token", {"mobile": mobile, "password": password}
        )
        if answer.data:
            self.access_token = answer.data["accessToken"]
            self.refresh_token = answer.data["refreshToken"]
            self.mobile, self.password = mobile, password
        return answer


def opened(response: httpx.Response) -> Answer:
    """Open the envelope, which an answer must be."""
    envelope = response.json()
    assert envelope["ok"] is (response.status_code < httpx.codes.BAD_REQUEST)
    error = envelope.get("error", {})
    return Answer(
        response.status_code,
        envelope.get("data"),
        error.get("code"),
        error,
        response.headers,
        envelope.get("page"),
    )


def new_owner(api_url: str) -> Api:
    """Register a pet owner, who is signed in by that."""
    api = Api(api_url)
    mobile = f"0935{secrets.randbelow(10**7):07}"
    password = f"gorbe-{secrets.token_hex(4)}7"
    body = {"name": "نگار کاظمی", "mobile": mobile, "password": password}
    response = api.send("POST", "/api/v1/auth/register", body)
    assert opened(response).data["user"]["mobile"] == mobile
    api.access_token = response.cookies[ACCESS]
    api.refresh_token = response.cookies[REFRESH]
    api.mobile, api.password = mobile, password
    return api


def new_pet(owner: Api) -> str:
    """Give the owner a cat and return its id."""
    answer = owner.call("POST", "/pets", {"type": "CAT", "name": "ببری"})
    return str(answer.data["id"])


def described_consultation(owner: Api) -> str:
    """Begin a consultation, describe the problem, and return its id."""
    body = {"petId": new_pet(owner), "type": "SPECIALIST"}
    consultation_id = str(owner.call("POST", "/consultations", body).data["id"])
    path = f"/consultations/{consultation_id}/details"
    assert owner.call("PATCH", path, {"messageText": MESSAGE}).status == httpx.codes.OK
    return consultation_id


def free_starts(owner: Api) -> list[str]:
    """Return the starts of the slots that can be held, the latest first."""
    first = datetime.now(UTC).date() + timedelta(days=2)
    period = {"from": f"{first}", "to": f"{first + timedelta(days=40)}"}
    days = owner.call("GET", "/availability", query=period).data["days"]
    return [
        slot["startAt"]
        for day in reversed(days)
        for slot in day["slots"]
        if not slot["isFull"] and slot["unavailableReason"] is None
    ]


def held_consultation(owner: Api) -> str:
    """Begin a consultation, hold one of the free slots, and return its id."""
    consultation_id = described_consultation(owner)
    start_at = secrets.choice(free_starts(owner))
    path = f"/consultations/{consultation_id}/hold-slot"
    assert owner.call("POST", path, {"startAt": start_at}).data["status"] == "HELD"
    return consultation_id


def started_payment(owner: Api) -> tuple[str, dict[str, Any]]:
    """Go as far as the gateway: the consultation's id, and what initiate gave."""
    consultation_id = held_consultation(owner)
    answer = owner.call(
        "POST", "/payments/initiate", {"consultationId": consultation_id}
    )
    assert answer.data
    return consultation_id, answer.data


def paid_consultation(owner: Api) -> str:
    """Hold a slot, pay for it at the mock bank, and return the consultation's id."""
    consultation_id, payment = started_payment(owner)
    page = web.post(payment["redirectUrl"], data={"outcome": "paid"})
    answer = web.get(page.headers["Location"], headers={"Accept": "application/json"})
    assert answer.json()["data"]["status"] == "VERIFIED"
    return consultation_id
