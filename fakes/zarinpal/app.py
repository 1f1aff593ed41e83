"""The fake bank's application."""

from aiohttp import web

from fakes.zarinpal import api, control, page
from fakes.zarinpal.answers import Style
from fakes.zarinpal.books import Books
from fakes.zarinpal.faults import Faults
from fakes.zarinpal.keys import BOOKS, CALLS, FAULTS, STYLE


def create_app(books: Books) -> web.Application:
    """Put the bank together; it has these books."""
    app = web.Application()
    app[BOOKS] = books
    app[FAULTS] = Faults()
    app[STYLE] = Style()
    app[CALLS] = []
    for module in (api, page, control):
        app.add_routes(module.routes)
    return app
