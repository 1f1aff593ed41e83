"""The converter of names, with any JSON that there is, in the real njs.

What is sent inside a field, and what comes back through an answer that is `renamed`, is
compared with what Python makes of the same text.
"""

import json
import re
from http import HTTPStatus
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.gateway.answers import BEARER, ID, JSON, refusal
from tests.gateway.upstream import Upstream

# Takes a list, and what is in it is not looked at before PostgreSQL does.
CONFIG = "/api/v1/admin/config"
SETTINGS = '{"version":1}'
CONSULTATION = f"/api/v1/consultations/{ID}"
_MAX_EXACT = 2**53
_FUZZ = settings(
    max_examples=40,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)

# Surrogates and NUL are tried one by one below.
_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
_keys = st.one_of(
    _text,
    st.from_regex(r"[a-zA-Z0-9_]{0,12}", fullmatch=True),
    st.sampled_from(
        ["__proto__", "constructor", "toString", "a_b", "aB", "_", "A_b_C"]
    ),
    st.sampled_from(['"', '\\"', 'a":', '\\":', ":", '":"', "a_b\\", "ﺏ_a", "a_ﺏ"]),
)
_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-_MAX_EXACT, _MAX_EXACT)
    | _text
    | _keys.map(lambda key: f'{{"{key}":'),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(_keys, inner, max_size=5)
    ),
    max_leaves=30,
)
_objects = st.dictionaries(_keys, _values, max_size=6)


def snake(name: str) -> str:
    """Turn a name of the contract into the database's."""
    is_word = re.fullmatch(r"[A-Za-z0-9_]+", name)
    return re.sub("[A-Z]", lambda m: "_" + m[0].lower(), name) if is_word else name


def camel(name: str) -> str:
    """Turn a name of the database into the contract's."""
    is_word = re.fullmatch(r"[A-Za-z0-9_]+", name)
    turned = re.sub("(?<=[a-z0-9])_([a-z0-9])", lambda m: m[1].upper(), name)
    return turned if is_word else name


def renamed(value: Any, rename: Any) -> Any:
    """Rename all keys, as pairs: two that become one stay two, in their order."""
    if isinstance(value, dict):
        value = list(value.items())
    if isinstance(value, Pairs):
        return Pairs((rename(k), renamed(v, rename)) for k, v in value)
    if isinstance(value, list):
        return [renamed(each, rename) for each in value]
    return value


class Pairs(tuple[Any, ...]):
    """An object of JSON, repeated keys and their order kept."""

    __slots__ = ()


def opened(text: str | bytes) -> Any:
    """Parse JSON without losing anything."""
    return json.loads(text, object_pairs_hook=Pairs)


@pytest.mark.parametrize("is_ascii", [True, False])
def test_what_is_sent_arrives_with_all_its_names_in_snake_case(
    client: httpx.Client, postgrest: Upstream, *, is_ascii: bool
) -> None:
    @_FUZZ
    @given(_objects)
    def each(body: dict[str, Any]) -> None:
        postgrest.reset()
        postgrest.reply = whole(SETTINGS)
        text = json.dumps(body, ensure_ascii=is_ascii)
        sent = send(client, text)
        assert sent.status_code == HTTPStatus.OK, (text, sent.text)
        came = arrived(postgrest.only.body)
        assert sorted_pairs(came) == sorted_pairs(renamed(opened(text), snake))

    each()


def test_what_comes_back_has_all_its_names_in_camel_case(
    client: httpx.Client, postgrest: Upstream
) -> None:
    @_FUZZ
    @given(_objects)
    def each(row: dict[str, Any]) -> None:
        text = json.dumps(row, ensure_ascii=False)
        postgrest.reply = whole(text)
        seen = client.get(CONSULTATION, headers=BEARER)
        assert seen.status_code == 200, (text, seen.text)
        envelope = dict(opened(seen.content))
        assert envelope["data"] == renamed(opened(text), camel)

    each()


@pytest.mark.parametrize(
    "body",
    [
        '{"a":1,"a":2}',
        '{"__proto__":{"a":1},"a":2}',
        '{"constructor":{"prototype":{"a":1}}}',
        '{"a":"\\ud800"}',
        '{"\\udc00":1}',
        '{"a":"\\u0000"}',
        '{"\\u0000":1}',
        '{"a":1e400}',
        '{"a":-0}',
        '{"a":123456789012345678901234567890}',
        '{"a":' + "[" * 20_000 + "]" * 20_000 + "}",
        '{"a":' * 5_000 + "1" + "}" * 5_000,
        '{"' + "a_" * 25_000 + '":1}',
        '{"a":"' + '\\"_b\\":' * 5_000 + '"}',
        "{" + ",".join(f'"k{n}":{n}' for n in range(5_000)) + "}",
        '{"a":"\ufeff\u2028\u2029"}',
        "\ufeff{}",
    ],
)
def test_nothing_that_can_be_sent_breaks_the_gateway(
    client: httpx.Client, postgrest: Upstream, body: str
) -> None:
    postgrest.reply = whole(SETTINGS)
    sent = send(client, body)
    if sent.status_code == HTTPStatus.OK:
        opened(postgrest.only.body)  # it is still JSON
    else:
        assert refusal(sent)[0] in {400, 413, 422}
    # No object of the next request has caught anything from it.
    assert send(client, '{"b":1}').status_code == HTTPStatus.OK
    assert arrived(postgrest.received[-1].body) == Pairs([("b", 1)])


def send(client: httpx.Client, value: str) -> httpx.Response:
    """Send JSON, as it stands, inside a list; PostgreSQL would read it."""
    body = f'{{"openWeekdays":[{value}]}}'.encode("utf-8", "surrogatepass")
    return client.patch(CONFIG, headers=BEARER | JSON, content=body)


def arrived(body: str | bytes) -> Any:
    """Return what was sent, as PostgREST got it."""
    ((_, changes),) = opened(body)
    ((_, (value,)),) = changes
    return value


def sorted_pairs(value: Any) -> Any:
    """Order the pairs of objects: njs puts names that are numbers first."""
    if isinstance(value, Pairs):
        return sorted(([k, repr(sorted_pairs(v))] for k, v in value))
    if isinstance(value, list):
        return [sorted_pairs(each) for each in value]
    return value


def whole(text: str) -> bytes:
    """Answer with a text as it stands."""
    body = text.encode()
    head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize(
    "text", ['\\"', "\\\\01", "01 ", "1.", '\\"01', "\\u0022 .5", "é01"]
)
def test_a_long_text_is_read_however_many_numbers_it_seems_to_hold(
    client: httpx.Client, postgrest: Upstream, text: str
) -> None:
    postgrest.reply = whole(SETTINGS)
    value = f'"{text * (60_000 // len(text.encode()))}"'
    assert send(client, value).status_code == HTTPStatus.OK
    assert arrived(postgrest.only.body) == json.loads(value)
