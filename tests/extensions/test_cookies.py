"""The cookies of a session: out of scripts' reach, shown only where they are used."""

from http.cookies import Morsel

from aiohttp import web

from api_extensions.accounts.cookies import ACCESS, REFRESH, clear_cookies, set_cookie
from tests.extensions.conftest import Load


def cookie(load: Load, name: str, public_base_url: str) -> Morsel[str]:
    response = web.Response()
    settings = load(PUBLIC_BASE_URL=public_base_url)
    set_cookie(response, name, "token", max_age=900, settings=settings)
    return response.cookies[name]


def test_scripts_and_other_sites_do_not_get_them(load: Load) -> None:
    for name in (ACCESS, REFRESH):
        morsel = cookie(load, name, "http://localhost:8080")
        assert morsel["httponly"] is True
        assert morsel["samesite"] == "Lax"
        assert morsel["max-age"] == "900"


def test_the_refresh_token_travels_only_to_the_auth_path(load: Load) -> None:
    assert cookie(load, REFRESH, "http://localhost")["path"] == "/api/v1/auth"
    assert cookie(load, ACCESS, "http://localhost")["path"] == "/"


def test_they_are_secure_exactly_where_the_address_is(load: Load) -> None:
    assert cookie(load, ACCESS, "https://vet.example")["secure"] is True
    assert not cookie(load, ACCESS, "http://localhost")["secure"]


def test_clearing_empties_both_on_their_own_paths(load: Load) -> None:
    response = web.Response()
    clear_cookies(response, load())
    for name, path in ((ACCESS, "/"), (REFRESH, "/api/v1/auth")):
        morsel = response.cookies[name]
        assert (morsel.value, morsel["max-age"]) == ("", "0")
        assert morsel["path"] == path
