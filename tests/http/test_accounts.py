"""Accounts and sessions: signing in, staying signed in, and being signed out."""

import secrets
from http import HTTPStatus
from typing import Any

import pytest

from stack.background import System
from tests.support import web
from tests.support.api import Api
from tests.support.database import Connection, rows

PASSWORD = "gorbe-siah-1403"


def register(api: Api, **changed: Any) -> Any:
    """Register somebody, with fields changed."""
    mobile = f"0936{secrets.randbelow(10**7):07}"
    body = {"name": "رضا کریمی", "mobile": mobile, "password": PASSWORD}
    return api.call("POST", "/auth/register", body | changed)


def can_read_pets(api: Api) -> tuple[int, int]:
    """Return what both surfaces answer to the client's token."""
    contract = api.call("GET", "/pets").status
    return contract, api.send("GET", "/rest/v1/pets").status_code


def test_registration_signs_in_with_cookies_that_scripts_cannot_read(
    system: System,
) -> None:
    body = {"name": "رضا", "mobile": "۰۹۳۶ ۰۰۰ ۰۰ ۰۱", "password": PASSWORD}
    answer = web.post(f"{system.api_url}/api/v1/auth/register", json=body)
    cookies = answer.headers.get_list("set-cookie")

    assert answer.status_code == HTTPStatus.CREATED
    assert answer.json()["data"]["user"]["mobile"] == "09360000001"
    assert {cookie.split("=")[0] for cookie in cookies} == {"access", "refresh"}
    assert all("HttpOnly" in c and "SameSite=Lax" in c for c in cookies)
    assert any("Path=/api/v1/auth" in c and c.startswith("refresh") for c in cookies)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mobile", "0212345678"),
        ("mobile", ""),
        ("name", "  "),
        ("password", "short1"),
        ("password", "onlyletters"),
        ("password", "1234567890"),
        ("password", "password1"),
    ],
)
def test_registration_names_the_field_that_is_wrong(
    anybody: Api, field: str, value: str
) -> None:
    answer = register(anybody, **{field: value})
    assert (answer.status, answer.code) == (422, "VALIDATION_FAILED")
    assert list(answer.error["details"]["fields"]) == [field]


def test_a_mobile_can_be_registered_once_however_it_is_typed(
    anybody: Api, owner: Api
) -> None:
    answer = register(anybody, mobile=f"+98{owner.mobile[1:]}")
    assert (answer.status, answer.code) == (409, "CONFLICT")


def test_unknown_mobile_and_wrong_password_get_the_same_answer(
    anybody: Api, owner: Api
) -> None:
    unknown = anybody.sign_in("09990000000", PASSWORD)
    wrong = anybody.sign_in(owner.mobile, PASSWORD)
    assert (unknown.status, unknown.error) == (wrong.status, wrong.error)
    assert unknown.code == "UNAUTHENTICATED"


def test_the_sixth_attempt_within_a_minute_is_refused(anybody: Api, owner: Api) -> None:
    right = owner.password
    answers = [anybody.sign_in(owner.mobile, PASSWORD) for _ in range(5)]
    limited = anybody.sign_in(owner.mobile, right)
    assert {answer.code for answer in answers} == {"UNAUTHENTICATED"}
    assert (limited.status, limited.code) == (429, "RATE_LIMITED")
    assert 0 < int(limited.headers["Retry-After"]) <= 60


def test_signing_out_ends_the_session_at_once_on_both_surfaces(owner: Api) -> None:
    assert can_read_pets(owner) == (200, 200)
    assert owner.call("POST", "/auth/logout").status == HTTPStatus.OK
    assert can_read_pets(owner) == (401, 401)


def test_a_refresh_token_is_renewed_and_its_access_token_works(owner: Api) -> None:
    answer = owner.call("POST", "/auth/token", {"refreshToken": owner.refresh_token})
    owner.access_token = answer.data["accessToken"]
    assert answer.data["refreshToken"] != owner.refresh_token
    assert can_read_pets(owner) == (200, 200)


def test_a_refresh_token_shown_again_later_kills_its_session(
    owner: Api, database: Connection
) -> None:
    body = {"refreshToken": owner.refresh_token}
    renewed = owner.call("POST", "/auth/token", body)
    # Past the grace for lost answers: the data moves, not the clock.
    database.execute(
        "update app.refresh_tokens set used_at = used_at - interval '1 minute'"
        " where session_id in (select s.id from app.sessions s join app.users u"
        " on u.id = s.user_id where u.mobile = %s)",
        [owner.mobile],
    )
    again = owner.call("POST", "/auth/token", body)
    after = owner.call(
        "POST", "/auth/token", {"refreshToken": renewed.data["refreshToken"]}
    )

    assert (again.status, again.code) == (401, "UNAUTHENTICATED")
    assert (after.status, after.code) == (401, "UNAUTHENTICATED")
    assert can_read_pets(owner) == (401, 401)
    reused = rows(
        database,
        "select from app.audit_log l join app.users u on u.id = l.actor_user_id"
        " where l.action = 'REFRESH_REUSED' and u.mobile = %(mobile)s",
        mobile=owner.mobile,
    )
    assert len(reused) == 1


def test_a_refresh_whose_answer_was_lost_may_be_repeated_at_once(owner: Api) -> None:
    body = {"refreshToken": owner.refresh_token}
    first = owner.call("POST", "/auth/token", body)
    second = owner.call("POST", "/auth/token", body)
    assert first.status == second.status == HTTPStatus.OK
    owner.access_token = second.data["accessToken"]
    assert can_read_pets(owner) == (200, 200)


def test_changing_the_password_ends_every_session(owner: Api) -> None:
    elsewhere = Api(owner.api_url)
    elsewhere.sign_in(owner.mobile, owner.password)
    body = {"currentPassword": owner.password, "newPassword": PASSWORD}
    answer = owner.call("POST", "/auth/change-password", body)

    assert answer.status == HTTPStatus.OK
    assert can_read_pets(owner) == (401, 401)
    assert can_read_pets(elsewhere) == (401, 401)
    assert elsewhere.sign_in(owner.mobile, PASSWORD).status == HTTPStatus.OK


def test_deactivation_ends_every_session(owner: Api, database: Connection) -> None:
    database.execute(
        "update app.users set is_active = false where mobile = %s", [owner.mobile]
    )
    assert can_read_pets(owner) == (401, 401)
    assert owner.sign_in(owner.mobile, owner.password).code == "UNAUTHENTICATED"
