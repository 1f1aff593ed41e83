"""Plain HTTP requests, each on a connection of its own."""

import ssl
from typing import Any

import httpx

from tests.support.contract import check_answer

# Loaded once: a client of httpx reads all authorities' certificates when it is made,
# for plain http as well, which takes longer than most requests.
_CONTEXT = ssl.create_default_context()


def request(method: str, url: httpx.URL | str, **options: Any) -> httpx.Response:
    """Send a request; the options are those of `httpx.request`.

    Whatever is asked of /api/v1, the answer must be one that the document describes.
    """
    response = httpx.request(method, url, verify=_CONTEXT, **options)
    if response.request.url.path.startswith("/api/v1/"):
        check_answer(response)
    return response


def get(url: httpx.URL | str, **options: Any) -> httpx.Response:
    """Send a GET request."""
    return request("GET", url, **options)


def post(url: httpx.URL | str, **options: Any) -> httpx.Response:
    """Send a POST request."""
    return request("POST", url, **options)
