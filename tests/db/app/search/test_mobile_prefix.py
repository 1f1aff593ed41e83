"""app.mobile_prefix: a number, or how it begins, in the forms that people type."""

import pytest

from tests.support.database import Connection, value


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("09121234567", "09121234567"),
        ("+98 912 123 4567", "09121234567"),
        (" 98 912 123 4567", "09121234567"),
        ("00989121234567", "09121234567"),
        ("۰۹۱۲۱۲۳۴۵۶۷", "09121234567"),
        ("٠٩١٢", "0912"),
        ("912", "0912"),
        ("+98912", "0912"),
        ("(0912) 12-3", "0912123"),
    ],
)
def test_every_form_is_read(db: Connection, typed: str, expected: str) -> None:
    assert value(db, "select app.mobile_prefix(%(typed)s)", typed=typed) == expected


@pytest.mark.parametrize("typed", ["", "09", "0912%", "02188", "091212345678", "سارا"])
def test_what_is_no_mobile_is_none(db: Connection, typed: str) -> None:
    assert value(db, "select app.mobile_prefix(%(typed)s)", typed=typed) is None
