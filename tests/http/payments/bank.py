"""The fake bank as tests see it: the payer's browser, the books, and the faults."""

from http import HTTPStatus
from typing import Any

from tests.support import web

JSON = {"Accept": "application/json"}


class Bank:
    """A client of `fakes.zarinpal`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def sessions(self) -> dict[str, dict[str, Any]]:
        """Return the bank's books, by authority."""
        listed = self._control("GET", "books")
        return {session["authority"]: session for session in listed}

    def status(self, authority: str) -> str:
        """Return how a session stands."""
        return str(self.sessions()[authority]["status"])

    def calls(self, operation: str, authority: str | None = None) -> list[Any]:
        """Return the questions that were put, in order."""
        return [
            call
            for call in self._control("GET", "calls")
            if call["operation"] == operation
            and authority in (None, call.get("authority"))
        ]

    def fault(self, operation: str, kind: str, **details: Any) -> None:
        """Let something go wrong: see `fakes.zarinpal.faults`."""
        self._control(
            "POST", "faults", {"operation": operation, "kind": kind} | details
        )

    def style(self, **style: Any) -> None:
        """Choose how refusals look: see `fakes.zarinpal.answers`."""
        self._control("PUT", "style", style)

    def repair(self) -> None:
        """Let nothing go wrong any more."""
        self._control("DELETE", "faults")

    def pay(self, authority: str, *, is_paid: bool = True) -> str:
        """Let the payer pay, whose browser then does nothing; return the way back."""
        done = self._control("POST", f"sessions/{authority}/pay", {"isPaid": is_paid})
        return str(done["callback"])

    def age(self, authority: str, seconds: float) -> None:
        """Move a payment into the past."""
        self._control("POST", f"sessions/{authority}/age", {"seconds": seconds})

    def press(self, page: str, outcome: str = "paid") -> str:
        """Press a button of the bank's page; return where it sends the browser."""
        answer = web.post(page, data={"outcome": outcome}, timeout=30)
        assert answer.status_code == HTTPStatus.FOUND, answer.text
        return str(answer.headers["Location"])

    def open_foreign(self, merchant_id: str) -> str:
        """Open a session that our system knows nothing of; return its authority."""
        body = {
            "merchant_id": merchant_id,
            "amount": 50_000,
            "description": "another shop",
            "callback_url": "https://shop.example/back",
        }
        url = f"{self.url}/pg/v4/payment/request.json"
        return str(web.post(url, json=body).json()["data"]["authority"])

    def reverse(self, merchant_id: str, authority: str) -> None:
        """Give the money back, as if our system had asked for it."""
        body = {"merchant_id": merchant_id, "authority": authority}
        url = f"{self.url}/pg/v4/payment/reverse.json"
        assert web.post(url, json=body).json()["data"]["code"] == 100

    def _control(self, method: str, path: str, body: object = None) -> Any:
        answer = web.request(method, f"{self.url}/control/{path}", json=body)
        answer.raise_for_status()
        return answer.json()


def come_back(location: str) -> str:
    """Visit a callback as a payer's browser without any cookie; return the status."""
    answer = web.get(location, headers=JSON, timeout=40)
    assert answer.status_code == HTTPStatus.OK, answer.text
    return str(answer.json()["data"]["status"])
