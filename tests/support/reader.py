"""A client of the contract that has read /openapi.json, and knows nothing else.

It finds operations by their `operationId`, sends their examples, and puts what it has
been given itself in the place of the ids in them: whatever `createPet` gives has the id
that is called `petId` everywhere else.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
from jsonschema import Draft202012Validator, FormatChecker

Json = dict[str, Any]

_ID_ENDS = ("Id", "Key")


class Reader:
    """One person's client.

    Attributes:
        document: what it has read.
        token: for everything that is not for anybody; empty until it is set.
        known: ids and keys that it was given, by the name that they have in requests.
        done: the operations that succeeded, by their ids.
    """

    def __init__(self, api_url: str, token: str = "") -> None:
        headers = {"Origin": api_url, "Connection": "close"}  # nobody closes the client
        self._http = httpx.Client(base_url=api_url, headers=headers, timeout=20)
        self.document: Json = self._http.get("/openapi.json").json()
        self.token = token
        self.known: dict[str, Any] = {}
        self.done: set[str] = set()

    def do(self, operation_id: str, **given: Any) -> Any:
        """Do an operation, which must succeed in one of the described ways.

        Args:
            operation_id: of the document.
            given: parameters and fields of the body that are not to be the example's.

        Returns:
            The `data` of the envelope; for everything else, the response.
        """
        response = self.send(operation_id, **given)
        described = self._operation(operation_id)[2]["responses"]
        status = str(response.status_code)
        assert status in described, (operation_id, status, response.text)
        assert response.status_code < httpx.codes.BAD_REQUEST, response.text
        self.done.add(operation_id)
        if not response.headers.get("content-type", "").startswith("application/json"):
            return response
        schema = described[status]["content"]["application/json"]["schema"]
        self._validate(schema, response.json())
        if "data" not in schema.get("properties", {}):  # not one of the contract's
            return response
        data = response.json()["data"]
        self._learn(schema["properties"]["data"], data)
        return data

    def send(self, operation_id: str, **given: Any) -> httpx.Response:
        """Send an operation's example, whatever comes of it."""
        method, path, operation = self._operation(operation_id)
        sent: dict[str, Any] = {"headers": {"Accept": "application/json"}, "params": {}}
        if "security" not in operation:
            sent["headers"]["Authorization"] = f"Bearer {self.token}"
        for parameter in map(self._resolved, operation.get("parameters", [])):
            name, value = parameter["name"], self._parameter(parameter, given)
            if parameter["in"] == "path":
                path = path.replace(f"{{{name}}}", str(value))
            elif value is not None:
                place = "headers" if parameter["in"] == "header" else "params"
                sent[place][name] = str(value)
        for kind, content in (
            operation.get("requestBody", {}).get("content", {}).items()
        ):
            key = "json" if kind == "application/json" else "data"
            sent[key] = self._body(content["schema"], given)
        assert not given, f"{operation_id} does not take {given.keys()}"
        with self._http.stream(method, path, **sent) as response:
            if "event-stream" in response.headers.get("content-type", ""):
                next(response.iter_raw())  # it has no end
            else:
                response.read()
        return response

    def follow(self, url: str, **options: Any) -> httpx.Response:
        """Open a link, as a browser or the holder of a signed URL does."""
        method = options.pop("method", "GET")
        return httpx.request(method, url, timeout=20, **options)

    def _operation(self, operation_id: str) -> tuple[str, str, Json]:
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                if operation["operationId"] == operation_id:
                    return method.upper(), path, operation
        raise LookupError(operation_id)

    def _parameter(self, parameter: Json, given: dict[str, Any]) -> Any:
        """Choose a parameter's value; None leaves out what is optional."""
        name = parameter["name"]
        if name in given:
            return given.pop(name)
        if parameter["in"] == "path":
            return self.known[name]
        if "example" not in parameter:
            assert not parameter.get("required"), f"{name} has no example"
        return parameter.get("example")

    def _body(self, schema: Json, given: dict[str, Any]) -> Json:
        """Take the example of a body, with what is known in the place of ids."""
        described = self._resolved(schema)
        example: Json = described["examples"][0]
        fields = example | {n: self.known[n] for n in example if n in self.known}
        chosen = {n: given.pop(n) for n in list(given) if n in described["properties"]}
        fields |= chosen
        return fields

    def _learn(self, schema: Json, data: Any) -> None:
        """Remember the ids in an answer."""
        if not isinstance(data, Mapping):
            return
        name = schema.get("$ref", "").rpartition("/")[2]
        if "id" in data:
            self.known[f"{name[:1].lower()}{name[1:]}Id"] = data["id"]
        named = {k: v for k, v in data.items() if k.endswith(_ID_ENDS) and v}
        self.known |= named

    def _resolved(self, value: Json) -> Json:
        while "$ref" in value:
            found: Any = self.document
            for name in value["$ref"].removeprefix("#/").split("/"):
                found = found[name]
            value = found
        return value

    def _validate(self, schema: Json, value: Any) -> None:
        whole = schema | {"components": self.document["components"]}
        validator = Draft202012Validator(whole, format_checker=FormatChecker())
        complaints = [
            f"{error.json_path}: {error.message}"
            for error in validator.iter_errors(value)
        ]
        assert not complaints, (complaints, json.dumps(value)[:500])

    def operation_ids(self) -> Iterator[str]:
        """Name everything that the document describes."""
        for methods in self.document["paths"].values():
            for operation in methods.values():
                yield operation["operationId"]
