"""The shapes of Zarinpal's answers, those that its documents do not show among them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

_TEXTS = {
    -9: "The input params invalid, validation error.",
    -10: "Terminal is not valid, please check merchant_id or ip address.",
    -12: "To many attempts, please try again later.",
    -41: "Maximum amount is 100,000,000 tomans",
    -50: "Session is not valid, amounts values is not the same.",
    -51: "Session is not valid, session is not active paid try.",
    -52: "Oops!!, please contact our support team",
    -53: "Session is not this merchant_id session",
    -54: "Invalid authority.",
    -60: "Session can not be reversed with bank.",
    -61: "Session is not in success status.",
    -62: "Terminal ip limit most be active.",
    -63: "Maximum time for reverse this session is expired.",
}


@dataclass
class Style:
    """How refusals look; each of these has been seen.

    Attributes:
        errors: `object`, `list` of one, or `bare`: `{"authority": [text, "-54"]}`.
        data: `list` for `[]`, `object` for `{}`.
        status: of HTTP.
    """

    errors: str = "object"
    data: str = "list"
    status: int = 200


def success(**data: Any) -> web.Response:
    """Answer with data, and `errors` as an empty list."""
    return web.json_response({"data": data, "errors": []})


def failure(
    style: Style, code: int, validations: Sequence[dict[str, str]] = ()
) -> web.Response:
    """Answer with a code."""
    text = _TEXTS.get(code, "Session is not valid.")
    error = {"code": code, "message": text, "validations": list(validations)}
    errors: Any = {
        "object": error,
        "list": [error],
        "bare": {"authority": [text, str(code)]},
    }[style.errors]
    data: Any = [] if style.data == "list" else {}
    return web.json_response({"data": data, "errors": errors}, status=style.status)


def server_error() -> web.Response:
    """Answer as an overloaded server does."""
    return web.Response(status=502, text="<h1>502 Bad Gateway</h1>")


def html() -> web.Response:
    """Answer with a page where JSON was asked for, and call it a success."""
    text = "<!doctype html><title>Maintenance</title><p>در دست تعمیر</p>"
    return web.Response(text=text, content_type="text/html")
