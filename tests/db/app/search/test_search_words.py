"""app.search_form, search_words and word_query: one name, however it is typed."""

import pytest

from tests.support.database import Connection, value

MATCHES = "select app.search_words(%(name)s) @@ app.word_query(%(typed)s)"


def found(db: Connection, name: str, typed: str) -> bool | None:
    """Tell whether what is typed finds the name; None when it has no word."""
    answer: bool | None = value(db, MATCHES, name=name, typed=typed)
    return answer


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        pytest.param("علی کاظمی", "علي كاظمي", id="arabic yeh and kaf"),
        pytest.param("علي كاظمي", "علی کاظمی", id="the other way round"),
        pytest.param("علی‌رضا کریمی", "علیرضا", id="half-space left out"),
        pytest.param("علی‌رضا کریمی", "علی رضا", id="half-space as space"),
        pytest.param("علیرضا کریمی", "علی‌رضا", id="half-space put in"),
        pytest.param("علی رضا کریمی", "علیرضا", id="space left out"),
        pytest.param("علیرضا کریمی", "علی رضا کریمی", id="written apart"),
        pytest.param("مُحَمَّد رضایی", "محمد", id="diacritics"),
        pytest.param("آرش مؤمنی", "ارش مومنی", id="hamza and madda"),
        pytest.param("رئیسی", "رییسی", id="yeh with hamza"),
        pytest.param("فاطمة", "فاطمه", id="teh marbuta"),
        pytest.param("ســـارا", "سارا", id="tatweel"),
        pytest.param("خانه ۱۲", "خانه 12", id="Persian digits"),
        pytest.param("خانه ١٢", "خانه ۱۲", id="Arabic digits"),
        pytest.param("Sara Ahmadi", "sara AHM", id="letter case"),
        pytest.param("سارا احمدی", "احمدی سارا", id="any order"),
        pytest.param("سارا احمدی", "سار اح", id="beginnings"),
        pytest.param("سارا (احمدی)", "'احمدی", id="punctuation"),
        pytest.param("دکتر ق\\ن", "ق ن", id="backslash"),
    ],
)
def test_alike_is_found(db: Connection, name: str, typed: str) -> None:
    assert found(db, name, typed) is True


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("سارا احمدی", "حمدی"),
        ("سارا احمدی", "سارا کریمی"),
        ("سارا", "ساراا"),
        ("رضا علی", "علیرضا"),
    ],
)
def test_other_names_are_not(db: Connection, name: str, typed: str) -> None:
    assert found(db, name, typed) is False


@pytest.mark.parametrize("typed", ["", " ", "‌", "ـ", "():*&|!'\\"])
def test_what_holds_no_word_is_no_query(db: Connection, typed: str) -> None:
    assert found(db, "سارا احمدی", typed) is None


def test_a_name_without_a_word_is_never_found(db: Connection) -> None:
    assert found(db, "?!", "سارا") is False


@pytest.mark.parametrize("typed", ["ن" * 3000, "ﷺ" * 3000])
def test_of_a_text_longer_than_any_name_the_beginning_is_searched(
    db: Connection, typed: str
) -> None:
    assert found(db, "نگار کاظمی", typed) is False
