"""Each line of the route table that is for admins or doctors: who may, and who may not.

The lines are read from the table, and the bodies from the document: what is added there
is tried here. What the calls do is tested elsewhere.
"""

import re
from http import HTTPStatus
from typing import Any

import pytest

from gateway.site.routes import Route, read_routes
from stack.background import System
from tests.support.api import Answer, Api, new_owner, opened
from tests.support.contract import closed, operations

NOBODY = "018f0000-0000-7000-8000-000000000000"
PERIOD = {"from": "2001-03-21", "to": "2001-03-25"}


@pytest.fixture(scope="module")
def an_owner(system: System) -> Api:
    """A pet owner, who is refused everywhere here."""
    return new_owner(system.api_url)


def routes(prefix: str) -> list[Any]:
    """Return the lines below a prefix, each named after its call."""
    return [
        pytest.param(route, id=f"{route['method']} {route['path']}")
        for route in read_routes()
        if route["path"].startswith(prefix)
    ]


def example(route: Route) -> Any:
    """Return a body that the document gives as an example; None where it has none."""
    template = re.sub(r"\{\w+\}", "{}", f"/api/v1{route['path']}")
    (operation,) = [
        each
        for each in operations()
        if each.method == route["method"]
        and re.sub(r"\{\w+\}", "{}", each.template) == template
    ]
    if "requestBody" not in operation.description:
        return None
    content = operation.description["requestBody"]["content"]
    return closed(content["application/json"]["schema"])["examples"][0]


def asked(who: Api, route: Route, body: Any) -> Answer | None:
    """Make the call about what is not there; None for an answer that is no envelope."""
    path = re.sub(r"\{\w+\}", NOBODY, route["path"])
    query = PERIOD if "summary" in path else None
    response = who.send(route["method"], f"/api/v1{path}", body, query=query)
    is_file = response.headers["Content-Type"].startswith("text/csv")
    return None if is_file else opened(response)


def refusals(route: Route, *people: Api) -> list[tuple[int, str | None]]:
    """Return what each of these is told who makes a sound call."""
    answers = [asked(who, route, example(route)) for who in people]
    return [(answer.status, answer.code) for answer in answers if answer]


ANSWERED = {HTTPStatus.OK, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY}
FORBIDDEN = (403, "FORBIDDEN")
UNAUTHENTICATED = (401, "UNAUTHENTICATED")


@pytest.mark.parametrize("route", routes("/admin/"))
def test_what_is_for_admins_is_for_nobody_else(
    anybody: Api, an_owner: Api, doctor: Api, admin: Api, route: Route
) -> None:
    assert refusals(route, anybody, an_owner, doctor) == [
        UNAUTHENTICATED,
        FORBIDDEN,
        FORBIDDEN,
    ]
    assert_admitted(admin, route)


@pytest.mark.parametrize("route", routes("/doctor/"))
def test_what_is_for_doctors_is_for_nobody_else(
    anybody: Api, an_owner: Api, doctor: Api, admin: Api, route: Route
) -> None:
    assert refusals(route, anybody, an_owner, admin) == [
        UNAUTHENTICATED,
        FORBIDDEN,
        FORBIDDEN,
    ]
    assert_admitted(doctor, route)


def assert_admitted(who: Api, route: Route) -> None:
    """Assert that somebody gets as far as that there is nothing, or an empty body."""
    has_id = "{" in route["path"]
    answer = asked(who, route, example(route) if has_id else example(route) and {})
    if has_id:
        assert answer
        assert (answer.status, answer.code) == (404, "NOT_FOUND")
    elif answer:
        assert answer.status in ANSWERED
