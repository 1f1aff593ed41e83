"""The OpenAPI document is valid, and lists what there is and nothing else."""

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator

from api_extensions.app import create_app
from api_extensions.bodies import Body
from api_extensions.casing import to_camel
from api_extensions.settings import Settings
from db.tools.paths import ROOT
from gateway.site.routes import Route, read_routes
from tests.support.contract import Json, closed, document, operations, resolved

_TYPES = (ROOT / "gateway" / "njs" / "types.js").read_text("utf-8")
_PREFIX = "/api/v1"
# nginx answers these by itself.
_FILES = {("GET", "/openapi.json"), ("GET", "/docs/")}
# Only who reaches the sidecar itself may see this.
_PRIVATE = {("GET", "/metrics")}


def _nameless(path: str) -> str:
    """Parameters have other names in the route table and in the sidecar."""
    return re.sub(r"\{\w+\}", "{}", path)


def _documented() -> dict[tuple[str, str], Json]:
    return {(o.method, _nameless(o.template)): o.description for o in operations()}


def _routed() -> dict[tuple[str, str], Route]:
    return {
        (route["method"], _nameless(_PREFIX + route["path"])): route
        for route in read_routes()
    }


def _sidecars(settings: Settings) -> set[tuple[str, str]]:
    routes = create_app(settings).router.routes()
    return {
        (route.method, _nameless(route.resource.canonical))
        for route in routes
        if route.resource
    }


def test_the_document_is_valid() -> None:
    OpenAPIV31SpecValidator(document()).validate()


def test_the_document_and_the_route_table_list_the_same() -> None:
    contract = {key for key in _documented() if key[1].startswith(_PREFIX)}
    assert contract == _routed().keys()


def test_the_document_and_the_sidecar_list_the_same(settings: Settings) -> None:
    to_sidecar = {key for key, route in _routed().items() if "to" in route}
    service = {key for key in _documented() if not key[1].startswith(_PREFIX)}
    found = {key for key in _sidecars(settings) if key[0] != "HEAD"}
    assert found - _PRIVATE == to_sidecar | (service - _FILES)


def test_the_route_table_and_the_sidecar_take_head_for_the_same(
    settings: Settings,
) -> None:
    headless = {
        path
        for (method, path), route in _routed().items()
        if method == "GET" and "to" in route and "headless" in route
    }
    found = _sidecars(settings)
    taken = {path for method, path in found if method == "HEAD"}
    asked = {path for method, path in found if method == "GET"}
    assert headless == asked - taken


@pytest.mark.parametrize(
    "route",
    [route for route in read_routes() if "to" not in route],
    ids=lambda route: f"{route['method']} {route['path']}",
)
def test_a_route_takes_the_fields_that_are_described(route: Route) -> None:
    described = _documented()[route["method"], _nameless(_PREFIX + route["path"])]
    assert _body_fields(described) == set(route.get("body", []))
    paging = {"limit", "cursor"} if route.keys() & {"list", "search"} else set()
    assert _query_fields(described) == set(route.get("query", [])) | paging


@pytest.mark.parametrize(
    "body",
    # Other tests have bodies of their own.
    [b for b in Body.__subclasses__() if b.__module__.startswith("api_extensions.")],
    ids=lambda body: body.__name__,
)
def test_the_sidecar_takes_the_fields_that_are_described(body: type[Body]) -> None:
    """The docstring of a body begins with its operation."""
    names = re.match(r"([A-Z]+) (/[^\s;:.]+)", body.__doc__ or "")
    assert names, f"{body.__name__} does not say whose body it is"
    described = _documented()[names[1], _nameless(_PREFIX + names[2])]
    assert _body_fields(described) == {to_camel(name) for name in body.model_fields}
    required = {
        to_camel(n) for n, field in body.model_fields.items() if field.is_required()
    }
    assert set(_body_schema(described).get("required", [])) == required


def _body_schema(described: Json) -> Json:
    content = described["requestBody"]["content"]["application/json"]
    return closed(content["schema"])


def test_the_gateway_knows_the_type_of_every_field() -> None:
    known = dict(re.findall(r"(\w+): '(boolean|array|integer)'", _TYPES))
    for key, route in _routed().items():
        if "body" in route and "to" not in route:
            for name, schema in _body_schema(_documented()[key])["properties"].items():
                assert known.get(name, "string") in _types(schema), (key, name)


def _types(schema: Json) -> list[str]:
    if "oneOf" in schema:
        return [each["type"] for each in schema["oneOf"]]
    kind: str | list[str] = schema["type"]
    return [kind] if isinstance(kind, str) else kind


def _body_fields(described: Json) -> set[str]:
    return (
        set(_body_schema(described)["properties"])
        if "requestBody" in described
        else set()
    )


def _query_fields(described: Json) -> set[str]:
    parameters = (resolved(each) for each in described.get("parameters", []))
    return {each["name"] for each in parameters if each["in"] == "query"}


@pytest.mark.parametrize("name", document()["components"]["schemas"])
def test_examples_are_what_they_are_examples_of(name: str) -> None:
    schema = document()["components"]["schemas"][name]
    validator = Draft202012Validator(closed(schema), format_checker=FormatChecker())
    for example in _examples(schema):
        validator.validate(example)


def _examples(schema: Json) -> list[Any]:
    found: list[Any] = schema.get("examples", [])
    return found


def test_every_body_has_an_example() -> None:
    missing = [
        operation.description["operationId"]
        for operation in operations()
        if "application/json"
        in operation.description.get("requestBody", {}).get("content", {})
        and not _examples(_body_schema(operation.description))
    ]
    assert missing == []
