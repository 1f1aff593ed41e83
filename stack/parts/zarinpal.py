"""The fake Zarinpal: only with `make run ZARINPAL=fake`, in place of the mock."""

from http import HTTPStatus

from stack.ask import http_status
from stack.part import Part
from stack.site import Site

# Any UUID is a merchant, as in Zarinpal's sandbox.
_MERCHANT_ID = "11111111-2222-4333-8444-555555555555"


def describe(site: Site) -> list[Part]:
    """Describe the server, or nothing; its books are kept between runs."""
    if not site.settings.has_fake_zarinpal:
        return []
    books = site.directory.part_directory("zarinpal", site.account) / "books.sqlite"
    port = site.ports["zarinpal"]
    address = f"127.0.0.1:{port}"
    return [
        Part(
            name="zarinpal",
            command=[
                *site.programs.module("fakes.zarinpal"),
                *("--port", str(port), "--books", books),
            ],
            environment=site.python_environment(),
            is_ready=lambda: http_status(address, "/control/books") == HTTPStatus.OK,
        )
    ]


def settings(site: Site) -> dict[str, str]:
    """Return the settings that make the real client use it."""
    if not site.settings.has_fake_zarinpal:
        return {}
    return {
        "MOCK_GATEWAY": "false",
        "ZARINPAL_BASE_URL": site.fake_zarinpal_url,
        "ZARINPAL_MERCHANT_ID": _MERCHANT_ID,
    }


def addresses(site: Site) -> dict[str, str]:
    """Return what `vetline.env` says of it."""
    if not site.settings.has_fake_zarinpal:
        return {}
    return {"FAKE_ZARINPAL_URL": site.fake_zarinpal_url}
