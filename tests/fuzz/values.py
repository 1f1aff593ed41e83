"""What a caller might send for an argument, by its PostgreSQL type, as text."""

import json
from uuid import UUID

from hypothesis import strategies as st

_DATES = [
    *("2027-01-02", "0001-01-01", "9999-12-31", "294276-12-31", "4713-01-01 BC"),
    *("5874897-12-31", "infinity", "-infinity", "2027-02-29", "today", "", "x"),
]
_TIMES = [
    *("2027-01-02 17:00+03:30", "2027-01-02T13:30:00Z", "infinity", "-infinity"),
    *("294276-12-31 23:59:59+00", "4713-01-01 00:00:00 BC", "2027-01-02 25:00"),
    *("2027-01-02 17:00:00.123456+15:59", "now", "epoch", "", "17:00"),
]
_NUMBERS = ["0", "-1", "1", "32767", "2147483648", str(2**63), "1e400", "NaN", "0x1"]
# PostgreSQL's text takes every character but NUL.
_text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
_odd_text = st.one_of(
    _text,
    st.sampled_from(
        ["", " ", "x" * 100_000, "'; drop table app.users --", "%s", "\u202e"]
    ),
    st.sampled_from(["۱۲۳", "ﷺ" * 40, "\u200c", "🐈" * 30, "a\r\nb", "{}", "null"]),
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | _text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_text, inner),
    max_leaves=8,
)


_moments = st.one_of(st.datetimes().map(str), st.sampled_from(_TIMES))
_numbers = st.one_of(st.integers().map(str), st.sampled_from(_NUMBERS))
_documents = st.one_of(_json.map(json.dumps), _odd_text)
_BY_TYPE = {
    "date": st.one_of(st.dates().map(str), st.sampled_from(_DATES)),
    "timestamp with time zone": _moments,
    "interval": _moments,
    "boolean": st.sampled_from(["true", "false", "t", "", "2"]),
    "smallint": _numbers,
    "integer": _numbers,
    "bigint": _numbers,
    "numeric": _numbers,
    "json": _documents,
    "jsonb": _documents,
}


def values(kind: str, labels: list[str], known: list[UUID]) -> st.SearchStrategy[str]:
    """Return what may be sent as an argument of a type.

    Args:
        kind: the type's name.
        labels: of an enumeration; others have none.
        known: ids of things that exist, the caller's own and others'.
    """
    if kind == "uuid":
        ids = st.sampled_from([str(each) for each in known])
        return st.one_of(ids, ids, st.uuids().map(str), _odd_text)
    if labels:
        return st.one_of(st.sampled_from(labels), _odd_text)
    return _BY_TYPE.get(kind, _odd_text)
