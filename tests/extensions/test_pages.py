"""The two small pages: bilingual, and strict about where they may lead."""

from uuid import UUID

import pytest
from aiohttp import web

from api_extensions.payments.mock import MockSession
from api_extensions.payments.pages import left_page, mock_page, result_page
from api_extensions.payments.queries import PaymentResult

SESSION = MockSession("S1", 280_000, "https://vet.example/callback?n=1", "IN_BANK")


def text(response: web.Response) -> str:
    return response.text or ""


def test_the_mock_page_shows_the_amount_and_three_ways_on() -> None:
    page = text(mock_page(SESSION, leave_url="?left", form_targets=[]))
    assert "۲۸۰٬۰۰۰" in page
    assert "280,000" in page
    assert page.count("<form") == 1
    assert page.count('name="outcome"') == 2
    assert 'value="paid"' in page
    assert 'value="failed"' in page
    assert '<a href="?left">' in page


def test_its_form_may_be_redirected_to_the_callback_and_the_result_page() -> None:
    targets = [SESSION.callback_url, "https://clinic.example/result?x=1"]
    policy = mock_page(SESSION, leave_url="?left", form_targets=targets).headers[
        "Content-Security-Policy"
    ]
    assert "form-action 'self' https://clinic.example https://vet.example" in policy
    assert "default-src 'none'" in policy


def test_a_browser_posts_its_form_with_an_origin() -> None:
    page = mock_page(SESSION, leave_url="?left", form_targets=[])
    assert page.headers["Referrer-Policy"] == "same-origin"


def test_addresses_are_escaped() -> None:
    page = text(mock_page(SESSION, leave_url='"><script>', form_targets=[]))
    assert "<script>" not in page


@pytest.mark.parametrize(
    ("status", "persian", "english"),
    [
        ("VERIFIED", "پرداخت انجام شد", "The payment succeeded"),
        ("FAILED", "پرداخت انجام نشد", "The payment failed"),
        ("PENDING", "نتیجهٔ پرداخت هنوز روشن نیست", "The result is not known yet"),
    ],
)
def test_the_result_is_told_in_both_languages(
    status: str, persian: str, english: str
) -> None:
    page = text(result_page(PaymentResult(UUID(int=1), UUID(int=2), status, "777")))
    assert persian in page
    assert english in page
    assert page.count("777") == 2


def test_without_a_reference_none_is_shown() -> None:
    result = PaymentResult(UUID(int=1), UUID(int=2), "FAILED", None)
    assert "Reference" not in text(result_page(result))


def test_walking_away_is_told_as_well() -> None:
    assert "You walked away" in text(left_page())
