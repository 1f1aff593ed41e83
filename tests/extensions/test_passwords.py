"""What a good enough password is."""

import pytest

from api_extensions.accounts.passwords import find_fault, normalize, well_known

MOBILE = "09121234567"


@pytest.mark.parametrize(
    "password",
    [
        "gorbeh42x",
        "گربه۱۲۳۴۵",
        "سگ و گربه ۷",
        "пароль-77-x",
        "mixed۱۲letters",
        "a1" * 64,
    ],
)
def test_letters_and_digits_of_any_script_will_do(password: str) -> None:
    assert find_fault(password, MOBILE) is None


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("a1b2c3d", "8 to 128"),
        ("a1" * 64 + "b", "8 to 128"),
        ("abcdefgh", "a letter and a digit"),
        ("۱۲۳۴۵۶۷۸", "a letter and a digit"),
        ("", "8 to 128"),
        ("a09121234567", "mobile"),
        ("+98 912 123 4567 x", "mobile"),
        ("x۰۹۱۲۱۲۳۴۵۶۷", "mobile"),
        ("٩١٢١٢٣٤٥٦٧xx", "mobile"),
        ("password1", "well known"),
        ("PassWord1", "well known"),
        ("password۱", "well known"),
        ("1qaz2wsx", "well known"),
    ],
)
def test_a_bad_password_is_refused_with_its_fault(password: str, fault: str) -> None:
    assert fault in (find_fault(password, MOBILE) or "")


def test_without_a_valid_mobile_the_other_rules_hold() -> None:
    assert find_fault("a09121234567", None) is None
    assert find_fault("short1", None) is not None


def test_one_password_has_one_form_however_it_was_composed() -> None:
    assert normalize("cafe\u0301") == normalize("caf\u00e9")


def test_only_passwords_that_pass_the_other_rules_are_kept_in_memory() -> None:
    assert 1_000 < len(well_known()) < 10_000
    assert all(find_fault(word, None) == "is too well known" for word in well_known())
