"""What a caller might send to /rest/v1: any body, filter, select, order and header."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from uuid import UUID

from hypothesis import strategies as st

from tests.fuzz.values import values

_OPERATORS = [
    *("eq", "neq", "gt", "gte", "lt", "lte", "like", "ilike", "match", "imatch", "is"),
    *("in", "cs", "cd", "ov", "sl", "fts", "plfts", "not.eq", "not.is", "isdistinct"),
    *("eq(any)", "like(all)", "", "eq.", "nonsense"),
]
_PREFERENCES = [
    *("return=representation", "return=minimal", "count=exact", "count=planned"),
    *("tx=rollback", "handling=strict", "timezone=Asia/Tehran", "timezone=x'--"),
    *("max-affected=0", "missing=default", "params=single-object", "resolution="),
    "resolution=merge-duplicates",
]
_MEDIA_TYPES = [
    *("*/*", "application/json", "text/csv", "application/octet-stream", "x/y", ";"),
    *("application/vnd.pgrst.object+json", "application/vnd.pgrst.plan+json"),
    *("application/geo+json", "application/openapi+json", "text/html"),
]
_SELECTS = [
    *(
        "*",
        "*,*",
        "count()",
        "id.max()",
        "id::text",
        "id::regclass",
        "x:id",
        "...me(*)",
    ),
    *(
        "pets(*)",
        "pets!inner(id)",
        "users(*)",
        "consultations(pets(consultations(id)))",
    ),
    *("payload->a->>b", "payload->>0", "id,,id", "(", ")", "id(", '"id"', "\u202e"),
]
# What JSON can hold and text can't, and what text can hold and PostgreSQL can't.
_STRANGE: list[Any] = [
    *(None, True, False, 0, -1, 2**63, 1.5, 1e308, "", "\0", "\ud800", [], {}, [[]]),
    *({"__proto__": 1}, "a\0b", [None], {"": ""}),
]


@dataclass(frozen=True)
class Request:
    """One request.

    Attributes:
        method: of HTTP.
        path: below /rest/v1, with the query.
        body: JSON; None where there is none.
        headers: odd ones.
    """

    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes | None:
        """The body as it is sent."""
        return None if self.body is None else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Place:
    """A view or function as PostgREST's own document describes it.

    Attributes:
        path: below /rest/v1.
        fields: the types of its columns or arguments, by name.
    """

    path: str
    fields: Mapping[str, str]


def places(document: Mapping[str, Any]) -> list[Place]:
    """List what a role finds in PostgREST's document."""
    found = []
    for path, methods in document["paths"].items():
        if path.startswith("/rpc/"):
            body = methods["post"]["parameters"][0]["schema"]["properties"]
            found.append(Place(path, {n: f.get("format", "") for n, f in body.items()}))
        elif path != "/":
            columns = document["definitions"][path[1:]]["properties"]
            kinds = {n: f.get("format", "") for n, f in columns.items()}
            found.append(Place(path, kinds))
    return found


def requests(place: Place, known: list[UUID]) -> st.SearchStrategy[Request]:
    """Return what may be sent to a place.

    Args:
        place: the view or function.
        known: ids of things that exist, the caller's own and others'.
    """
    body = st.one_of(
        st.dictionaries(
            st.sampled_from([*place.fields, "x", "user_id"]), st.sampled_from(_STRANGE)
        ),
        st.fixed_dictionaries({}, optional=_sent(place, known)),
        st.sampled_from(_STRANGE),
        st.lists(st.fixed_dictionaries({}, optional=_sent(place, known)), max_size=3),
    )
    reads = st.builds(Request, st.just("GET"), _urls(place, known), headers=_headers())
    writes = st.builds(
        Request,
        st.sampled_from(["POST", "POST", "PATCH", "PUT", "DELETE"]),
        st.just(place.path) | _urls(place, known),
        body,
        _headers(),
    )
    return writes if place.path.startswith("/rpc/") else st.one_of(reads, reads, writes)


def _sent(place: Place, known: list[UUID]) -> dict[str, st.SearchStrategy[Any]]:
    return {
        name: values(kind, [], known) | st.sampled_from(_STRANGE)
        for name, kind in place.fields.items()
    }


def _urls(place: Place, known: list[UUID]) -> st.SearchStrategy[str]:
    columns = [
        *place.fields,
        "user_id",
        "password_hash",
        "x->>y",
        "or",
        "and",
        "not.or",
    ]
    names = st.sampled_from(columns)
    texts = values("text", [], known).map(lambda text: text[:500])
    ids = st.sampled_from([str(each) for each in known])
    filters = st.tuples(
        names,
        st.builds("{}.{}".format, st.sampled_from(_OPERATORS), texts | ids)
        | st.builds("({0}.eq.{1},{0}.is.null)".format, names, texts),
    )
    numbers = st.sampled_from(["0", "-1", "1", "100000", str(2**70), "x", ""])
    shaping = st.one_of(
        st.tuples(st.just("select"), st.sampled_from(_SELECTS) | names | texts),
        st.tuples(
            st.just("order"),
            st.builds("{}.{}".format, names, st.sampled_from(["asc", "nullslast", "x"]))
            | texts,
        ),
        st.tuples(st.sampled_from(["limit", "offset", "pets.limit"]), numbers),
        st.tuples(st.sampled_from(["on_conflict", "columns"]), names | texts),
    )
    pairs = st.lists(filters | shaping, max_size=4)
    return pairs.map(lambda found: f"{place.path}?{'&'.join(map(_pair, found))}")


def _pair(found: tuple[str, str]) -> str:
    return f"{quote(found[0])}={quote(found[1], safe='().,*:')}"


def _headers() -> st.SearchStrategy[dict[str, str]]:
    preferences = st.lists(st.sampled_from(_PREFERENCES), max_size=3).map(", ".join)
    return st.fixed_dictionaries(
        {},
        optional={
            "Prefer": preferences,
            "Accept": st.sampled_from(_MEDIA_TYPES),
            "Range": st.sampled_from(["0-1", "5-0", "-1", "0-", "items=0-1", "x"]),
            "Accept-Profile": st.sampled_from(["api", "app", "public", "'"]),
            "Content-Profile": st.sampled_from(["app", "sidecar"]),
            "X-Request-Id": st.sampled_from(["x", "a" * 64, "a" * 5000, "ي"]),
            "X-Real-IP": st.sampled_from(["::", "'; select 1"]),
        },
    )
