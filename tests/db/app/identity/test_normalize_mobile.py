"""app.normalize_mobile."""

import pytest

from tests.support.database import Connection, value
from tests.support.roles import as_role

QUERY = "select app.normalize_mobile(%(typed)s)"


@pytest.mark.parametrize(
    "typed",
    [
        "09123456789",
        "9123456789",
        "+989123456789",
        "00989123456789",
        " 0912 345 6789 ",
        "+98 912 345 6789",
        "0912\t345\n6789",
        "۰۹۱۲۳۴۵۶۷۸۹",
        "٠٩١٢٣٤٥٦٧٨٩",
        "+۹۸ ۹۱۲ ۳۴۵ ۶۷۸۹",
        "۰۰۹۸۹۱۲۳۴۵۶۷۸۹",
        "۰912۳45٦789",
        "\u202a+98 912 345 6789\u202c",
        "\u200f0912\u200c3456789",
    ],
)
def test_a_mobile_is_understood_however_it_is_typed(db: Connection, typed: str) -> None:
    assert value(db, QUERY, typed=typed) == "09123456789"


@pytest.mark.parametrize(
    "typed",
    [
        None,
        "",
        "   ",
        "0912345678",
        "091234567890",
        "08123456789",
        "989123456789",
        "+9809123456789",
        "+1 912 345 6789",
        "0098 0912 345 6789",
        "0912345678a",
        "۰۹۱۲۳۴۵۶۷۸",
        "09123456789; drop table users",
        "0912३456789",
    ],
)
def test_what_is_not_a_mobile_is_none(db: Connection, typed: str | None) -> None:
    assert value(db, QUERY, typed=typed) is None


@pytest.mark.parametrize("role", ["sidecar", "app_admin"])
def test_those_who_need_it_may_execute_it(db: Connection, role: str) -> None:
    with as_role(db, role):
        assert value(db, QUERY, typed="9123456789") == "09123456789"
