"""Two small pages: the mock gateway's, and the result when none is configured."""

from html import escape
from pathlib import Path
from string import Template

from aiohttp import web
from yarl import URL

from api_extensions.payments.mock import MockSession
from api_extensions.payments.queries import PaymentResult

_FOLDER = Path(__file__).parent.parent / "pages"
_MOCK = Template((_FOLDER / "mock.html").read_text("utf-8"))
_RESULT = Template((_FOLDER / "result.html").read_text("utf-8"))

_OUTCOMES = {
    "VERIFIED": ("پرداخت انجام شد", "The payment succeeded"),
    "FAILED": ("پرداخت انجام نشد", "The payment failed"),
    "EXPIRED": ("مهلت پرداخت گذشته است", "The payment has expired"),
    "CANCELED": ("پرداخت لغو شد", "The payment was cancelled"),
}
# INITIATED and PENDING: the gateway has not told yet; we go on asking.
_OPEN = ("نتیجهٔ پرداخت هنوز روشن نیست", "The result is not known yet")
_PERSIAN_DIGITS = str.maketrans("0123456789,", "۰۱۲۳۴۵۶۷۸۹٬")


def mock_page(
    session: MockSession, *, leave_url: str, form_targets: list[str]
) -> web.Response:
    """Show the mock bank's page.

    Args:
        session: the payment.
        leave_url: where walking away leads.
        form_targets: addresses that the form's post may be redirected to.
    """
    amount = f"{session.amount_toman:,}"
    text = _MOCK.substitute(
        amount_persian=amount.translate(_PERSIAN_DIGITS),
        amount_english=amount,
        leave_url=escape(leave_url),
    )
    # A browser applies form-action to the redirects after the post as well.
    origins = sorted({str(URL(target).origin()) for target in form_targets})
    return _page(text, form_action=" ".join(["'self'", *origins]))


def result_page(result: PaymentResult) -> web.Response:
    """Tell a payer how it ended, in Persian and English."""
    persian, english = _OUTCOMES.get(result.status, _OPEN)
    reference = escape(result.ref_id or "")
    text = _RESULT.substitute(
        persian=persian,
        english=english,
        note_persian=f"شمارهٔ پیگیری: {reference}" if reference else "",
        note_english=f"Reference: {reference}" if reference else "",
    )
    return _page(text, form_action="'none'")


def left_page() -> web.Response:
    """Tell somebody who walked away from the mock bank what that means."""
    text = _RESULT.substitute(
        persian="پرداخت را رها کردید",
        english="You walked away",
        note_persian="پرداخت تا پایان مهلت آن باز می‌ماند.",
        note_english="The payment stays open until its deadline.",
    )
    return _page(text, form_action="'none'")


def _page(text: str, *, form_action: str) -> web.Response:
    policy = (
        "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action {form_action}"
    )
    headers = {
        "Content-Security-Policy": policy,
        # With no-referrer a browser would post the form with `Origin: null`.
        "Referrer-Policy": "same-origin",
    }
    return web.Response(text=text, content_type="text/html", headers=headers)
