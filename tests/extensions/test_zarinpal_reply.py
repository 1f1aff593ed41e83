"""Reading Zarinpal's answers: every shape that was seen, and nothing beyond."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_extensions.payments.zarinpal_reply import masked_card, read_reply

SECRET = "11111111-2222-4333-8444-555555555555"
ERROR = {"code": -51, "message": "Session is not valid.", "validations": []}


def code_of(body: Any) -> int | None:
    return read_reply(json.dumps(body), secret=SECRET).code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"data": {"code": 100, "authority": "S1"}, "errors": []}, 100),
        ({"data": {"code": 101}, "errors": {}}, 101),
        ({"data": {"code": "100", "authorities": []}}, 100),
        ({"data": [], "errors": ERROR}, -51),
        ({"data": {}, "errors": ERROR}, -51),
        ({"data": [], "errors": [ERROR]}, -51),
        ({"errors": {"authority": ["Invalid authority.", "-54"]}}, -54),
        ({"data": [], "errors": {"code": "-12"}}, -12),
    ],
)
def test_every_documented_and_every_seen_shape_is_read(body: Any, code: int) -> None:
    assert code_of(body) == code


@pytest.mark.parametrize(
    "body",
    [
        [],
        None,
        100,
        "100",
        {},
        {"data": [], "errors": []},
        {"data": {"code": True}},
        {"data": {"code": 100.0}},
        {"data": {"code": "paid"}},
        {"data": {"code": 100}, "errors": ERROR},  # yes and no
        {"errors": [ERROR, ERROR | {"code": -50}]},
        {"errors": {"a": ["-54"], "b": ["-51"]}},
        {"errors": "Session is not valid."},
    ],
)
def test_what_is_not_certain_has_no_code(body: Any) -> None:
    assert code_of(body) is None


@pytest.mark.parametrize(
    "text", ["", "<!doctype html>", '{"data":', "[" * 100_000, "9" * 5000, "\ufeff{}"]
)
def test_what_is_not_json_has_no_code(text: str) -> None:
    reply = read_reply(text, secret=SECRET)
    assert (reply.code, reply.data, reply.raw) == (None, {}, {})


def test_an_echoed_merchant_id_is_hidden_whatever_its_case() -> None:
    text = f"The merchant id {SECRET.upper()} is not valid."
    body = {"data": [], "errors": ERROR | {"validations": [{"merchant_id": text}]}}
    reply = read_reply(json.dumps(body | {"merchant_id": SECRET}), secret=SECRET)
    assert SECRET not in json.dumps(reply.raw).lower()
    assert reply.validations == [{}]


def test_neither_a_cards_hash_nor_an_open_number_is_kept() -> None:
    data = {"code": 100, "card_hash": "C257", "card_pan": "6280231234568998"}
    raw = read_reply(json.dumps({"data": data}), secret=SECRET).raw
    assert raw == {"data": {"code": 100, "card_pan": "628023******8998"}}


def test_what_postgresql_refuses_in_json_is_taken_out() -> None:
    odd = '"a": "x\\u0000y", "b": "\\ud800", "c": NaN, "d": 1e999'
    text = f'{{"data": {{"code": 100, {odd}}}}}'
    data = read_reply(text, secret=SECRET).data
    assert data == {"code": 100, "a": "xy", "b": "?", "c": None, "d": None}


@pytest.mark.parametrize(
    ("card", "shown"),
    [
        ("502229******5995", "502229******5995"),
        ("5022291234565995", "502229******5995"),
        ("5022-2912-3456-5995", "502229******5995"),
        ("", None),
        (None, None),
        (5022291234565995, None),
    ],
)
def test_a_card_shows_ten_digits_at_most(card: object, shown: str | None) -> None:
    assert masked_card(card) == shown


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(data=_JSON, errors=_JSON)
def test_no_answer_at_all_breaks_it(data: Any, errors: Any) -> None:
    reply = read_reply(json.dumps({"data": data, "errors": errors}), secret=SECRET)
    json.dumps(reply.raw, allow_nan=False)
