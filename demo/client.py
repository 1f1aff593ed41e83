"""A client of the contract, as a browser would be one: cookies, and an Origin."""

from typing import Any

import httpx


class UnexpectedAnswerError(Exception):
    """The system answered something else than the contract says."""


class Client:
    """Speaks to /api/v1 and opens the envelope."""

    def __init__(self, api_url: str) -> None:
        self.api_url = api_url
        self._http = httpx.Client(
            base_url=api_url, headers={"Origin": api_url}, timeout=15
        )

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    @property
    def access_token(self) -> str:
        """The access token that the cookie holds."""
        return self._http.cookies["access"]

    def call(self, method: str, path: str, body: object = None, **query: str) -> Any:
        """Call `/api/v1<path>` and return the `data` of its answer.

        Raises:
            UnexpectedAnswerError: it failed; the text carries the code.
        """
        answer = self._http.request(
            method,
            f"/api/v1{path}",
            json=body,
            params=query or None,
        )
        envelope = answer.json()
        if not envelope["ok"]:
            raise UnexpectedAnswerError(f"{method} {path}: {envelope['error']}")
        return envelope["data"]

    def upload(self, url: str, headers: dict[str, str], data: bytes) -> None:
        """Send a file to the object store, without any cookie.

        Raises:
            UnexpectedAnswerError: the store did not take it.
        """
        answer = httpx.put(url, headers=headers, content=data)
        if answer.status_code != httpx.codes.OK:
            raise UnexpectedAnswerError(f"The upload: {answer.status_code}")

    def open_page(self, url: str) -> str:
        """Open a page of the system and return its HTML."""
        answer = self._http.get(url, headers={"Accept": "text/html"})
        if answer.status_code != httpx.codes.OK:
            raise UnexpectedAnswerError(f"{url}: {answer.status_code}")
        return answer.text

    def submit_form(self, url: str, **fields: str) -> str:
        """Submit a page's form and return where it sends the browser."""
        answer = self._http.post(url, data=fields)
        if not answer.is_redirect:
            raise UnexpectedAnswerError(f"{url}: {answer.status_code}")
        return str(answer.headers["Location"])

    def follow(self, url: str) -> Any:
        """Follow a redirect as a program that wants JSON; returns its `data`."""
        answer = self._http.get(url, headers={"Accept": "application/json"})
        envelope = answer.json()
        if not envelope["ok"]:
            raise UnexpectedAnswerError(f"{url}: {envelope['error']}")
        return envelope["data"]
