"""What handlers find on the application, by typed keys."""

from typing import Any

from aiohttp import web

from fakes.zarinpal.answers import Style
from fakes.zarinpal.books import Books
from fakes.zarinpal.faults import Faults

BOOKS = web.AppKey("books", Books)
FAULTS = web.AppKey("faults", Faults)
STYLE = web.AppKey("style", Style)
# Every question that was put, in order, without the merchant id.
CALLS: web.AppKey[list[dict[str, Any]]] = web.AppKey("calls")
