"""/control/…: what Zarinpal has not: a look into the books, and a way to break it.

GET    /control/books                        every session
GET    /control/calls                        every question that was put
POST   /control/faults                       a `faults.Fault`: operation, kind, …
DELETE /control/faults                       no faults, and answers as documented
PUT    /control/style                        {errors?, data?, status?}
POST   /control/sessions/{authority}/pay     {isPaid}: pays, and gives the way back
POST   /control/sessions/{authority}/age     {seconds}: was paid so much earlier
"""

from dataclasses import asdict

from aiohttp import web

from fakes.zarinpal.answers import Style
from fakes.zarinpal.faults import Fault, Kind
from fakes.zarinpal.keys import BOOKS, CALLS, FAULTS, STYLE
from fakes.zarinpal.page import callback_of

routes = web.RouteTableDef()


@routes.get("/control/books")
async def handle_books(request: web.Request) -> web.Response:
    """Show every session."""
    sessions = request.app[BOOKS].all()
    return web.json_response([asdict(s) | {"rials": s.rials} for s in sessions])


@routes.get("/control/calls")
async def handle_calls(request: web.Request) -> web.Response:
    """Show every question, in order."""
    return web.json_response(request.app[CALLS])


@routes.post("/control/faults")
async def handle_fault(request: web.Request) -> web.Response:
    """Let something go wrong."""
    asked = await request.json()
    request.app[FAULTS].add(Fault(**asked | {"kind": Kind(asked["kind"])}))
    return web.json_response({})


@routes.delete("/control/faults")
async def handle_repair(request: web.Request) -> web.Response:
    """Let nothing go wrong any more."""
    request.app[FAULTS].clear()
    _restyle(request, Style())
    return web.json_response({})


@routes.put("/control/style")
async def handle_style(request: web.Request) -> web.Response:
    """Choose how refusals look."""
    _restyle(request, Style(**await request.json()))
    return web.json_response({})


@routes.post("/control/sessions/{authority}/pay")
async def handle_pay(request: web.Request) -> web.Response:
    """Let a payer pay or fail whose browser then does nothing."""
    asked = await request.json()
    authority = request.match_info["authority"]
    session = request.app[BOOKS].pay(authority, is_paid=asked["isPaid"])
    return web.json_response({"callback": str(callback_of(session))})


@routes.post("/control/sessions/{authority}/age")
async def handle_age(request: web.Request) -> web.Response:
    """Move a payment into the past."""
    seconds = (await request.json())["seconds"]
    request.app[BOOKS].age(request.match_info["authority"], seconds)
    return web.json_response({})


def _restyle(request: web.Request, style: Style) -> None:
    current = request.app[STYLE]
    current.errors, current.data, current.status = (
        style.errors,
        style.data,
        style.status,
    )
