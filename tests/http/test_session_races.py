"""Tokens at the same moment: two tabs, a thief, and a sign-out in between."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import jwt
import pytest

from tests.support.api import Answer, Api
from tests.support.database import Connection, changed, value

_AGE_TOKENS = """
    update app.refresh_tokens set used_at = used_at - interval '1 minute'
    where session_id = %(id)s
"""


def at_once(*calls: Callable[[], Answer]) -> list[Answer]:
    """Make calls that begin together; return their answers in order."""
    barrier = Barrier(len(calls))

    def wait_and(call: Callable[[], Answer]) -> Answer:
        barrier.wait(30)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(wait_and, calls))


def refreshing(api: Api, token: str) -> Callable[[], Answer]:
    """Return the call that shows a refresh token."""
    return lambda: api.call("POST", "/auth/token", {"refreshToken": token})


def session_of(api: Api) -> str:
    """Return the id of the client's session."""
    assert api.access_token
    claims = jwt.decode(api.access_token, options={"verify_signature": False})
    return str(claims["sid"])


def statuses(api: Api, answers: Sequence[Answer]) -> set[int]:
    """Return what both surfaces say to each access token that was given."""
    given = [answer.data["accessToken"] for answer in answers if answer.data]
    seen = set()
    for token in [api.access_token, *given]:
        client = Api(api.api_url, token)
        seen |= {client.call("GET", "/pets").status}
        seen |= {client.send("GET", "/rest/v1/pets").status_code}
    return seen


def test_tabs_that_refresh_at_once_all_stay_signed_in(
    owner: Api, database: Connection
) -> None:
    answers = at_once(*[refreshing(owner, owner.refresh_token)] * 6)
    given = {answer.data["refreshToken"] for answer in answers}
    ids = {jwt.decode(t, options={"verify_signature": False})["jti"] for t in given}
    assert {answer.status for answer in answers} == {200}
    assert len(ids) == 1  # they converge: one next token for all
    assert statuses(owner, answers) == {200}
    query = "select count(*) from app.refresh_tokens where session_id = %(id)s"
    assert value(database, query, id=session_of(owner)) == 2


def test_a_thief_who_is_late_ends_the_session_for_both(
    owner: Api, database: Connection
) -> None:
    stolen = owner.refresh_token
    renewed = refreshing(owner, stolen)()
    assert changed(database, _AGE_TOKENS, id=session_of(owner)) > 0
    answers = at_once(
        refreshing(owner, stolen),
        refreshing(owner, renewed.data["refreshToken"]),
        refreshing(owner, stolen),
    )
    assert {answers[0].status, answers[2].status} == {401}
    assert statuses(owner, [renewed, *answers]) == {401}
    query = """
        select count(*) from app.audit_log
        where action = 'REFRESH_REUSED' and entity_id = %(id)s
    """
    assert value(database, query, id=session_of(owner)) == 1


def test_a_thief_who_is_first_is_found_out_by_the_owners_next_refresh(
    owner: Api, database: Connection
) -> None:
    stolen = owner.refresh_token
    thiefs = refreshing(Api(owner.api_url), stolen)()
    assert statuses(owner, [thiefs]) == {200}
    assert changed(database, _AGE_TOKENS, id=session_of(owner)) > 0
    owners = refreshing(owner, stolen)()
    later = refreshing(Api(owner.api_url), thiefs.data["refreshToken"])()
    assert (owners.status, later.status) == (401, 401)
    assert statuses(owner, [thiefs]) == {401}


def signing_out(api: Api) -> Callable[[], Answer]:
    """Return the call that signs out."""
    return lambda: api.call("POST", "/auth/logout")


def changing_password(api: Api) -> Callable[[], Answer]:
    """Return the call that changes the password."""
    body = {"currentPassword": api.password, "newPassword": "gorbe-siah-1403"}
    return lambda: api.call("POST", "/auth/change-password", body)


def test_a_password_is_changed_once(owner: Api) -> None:
    """Whoever is second had the old one right when it was still the password."""
    answers = at_once(*[changing_password(owner)] * 3)
    first, *late = sorted(answer.status for answer in answers)
    assert first == 200
    assert set(late) <= {401, 422}  # 422: compared with the new one already


@pytest.mark.parametrize("ending", [signing_out, changing_password])
def test_a_refresh_does_not_outlive_what_ends_the_session_at_the_same_moment(
    owner: Api, ending: Callable[[Api], Callable[[], Any]]
) -> None:
    """Whichever comes first: no token of that session works after both."""
    calls = [refreshing(owner, owner.refresh_token)] * 3
    ended, *refreshed = at_once(ending(owner), *calls)
    assert ended.status == 200
    assert {answer.status for answer in refreshed} <= {200, 401}
    assert statuses(owner, refreshed) == {401}
    given = [a.data["refreshToken"] for a in refreshed if a.data]
    for token in [owner.refresh_token, *given]:
        assert refreshing(owner, token)().status == 401
