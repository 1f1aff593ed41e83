"""Attacks on the running system, each of which fails."""

import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from jwt.utils import base64url_encode

from stack.background import System
from tests.http.payments.scene import sidecar_environment
from tests.http.payments.sidecars import another_sidecar
from tests.support import web
from tests.support.api import (
    Api,
    described_consultation,
    free_starts,
    new_owner,
    new_pet,
)
from tests.support.database import Connection, changed, one, value

NOBODYS = "01a20a8a-cf62-7b4c-be12-ca113db1e23c"
Claims = dict[str, Any]


def statuses(api: Api, token: str) -> set[int]:
    """Return what the contract, PostgREST and the sidecar answer to a token."""
    bearer = Api(api.api_url, token)
    initiation = {"consultationId": NOBODYS}
    return {
        bearer.call("GET", "/pets").status,
        bearer.send("GET", "/rest/v1/pets").status_code,
        bearer.call("POST", "/payments/initiate", initiation).status,
    }


@pytest.fixture
def secret(system: System) -> str:
    """What access tokens are signed with."""
    return sidecar_environment(system)["JWT_ACCESS_SECRET"]


@pytest.fixture
def claims(owner: Api) -> Claims:
    """What a good token of the owner says."""
    found: Claims = jwt.decode(
        owner.access_token or "", options={"verify_signature": False}
    )
    return found


def test_a_token_made_from_its_claims_is_good(
    owner: Api, claims: Claims, secret: str
) -> None:
    """Positive control of the next test."""
    assert statuses(owner, jwt.encode(claims, secret)) == {200, 404}


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": None},
        {"exp": 0},
        {"aud": None},
        {"aud": "another"},
        {"aud": []},
        {"sub": None},
        {"iat": None},
        {"jti": None},
        {"exp": "soon"},
        {"sid": None},
        {"sid": NOBODYS},
        {"sub": NOBODYS},
        {"role": None},
        {"role": "app_admin"},
        {"role": "app_doctor"},
    ],
    ids=str,
)
def test_a_signed_token_with_other_claims_is_refused(
    owner: Api, claims: Claims, secret: str, changes: Claims
) -> None:
    forged = {k: v for k, v in (claims | changes).items() if v is not None}
    assert statuses(owner, jwt.encode(forged, secret)) == {401}


def test_a_token_is_refused_from_the_second_in_which_it_ends(
    owner: Api, claims: Claims, secret: str, database: Connection
) -> None:
    """By the database's clock, on both surfaces; PostgREST allows half a minute."""
    now = value(
        database, "select floor(extract(epoch from clock_timestamp()))::integer"
    )
    for seconds, told in ((60, {200, 404}), (-1, {401}), (-20, {401})):
        token = jwt.encode(claims | {"exp": now + seconds}, secret)
        assert statuses(owner, token) == told


@pytest.mark.parametrize("role", ["app_owner", "sidecar", "postgres", "authenticator"])
def test_no_token_becomes_another_role_of_the_database(
    owner: Api, claims: Claims, secret: str, role: str
) -> None:
    refused = statuses(owner, jwt.encode(claims | {"role": role}, secret))
    assert refused <= {400, 401, 403}


def _named(algorithm: str, claims: Claims, key: str) -> str:
    """Sign with HMAC-SHA256 what says that it is signed in another way."""
    header = {"alg": algorithm, "typ": "JWT"}
    parts = [base64url_encode(json.dumps(part).encode()) for part in (header, claims)]
    signed = b".".join(parts)
    signature = hmac.digest(key.encode(), signed, "sha256")
    return (signed + b"." + base64url_encode(signature)).decode()


FORGERS: dict[str, Callable[[Claims, str], str]] = {
    "alg none": lambda claims, _: jwt.encode(claims, None, algorithm="none"),
    "another key": lambda claims, _: jwt.encode(claims, "x" * 48),
    "another algorithm": lambda claims, key: jwt.encode(claims, key, "HS512"),
    "RS256 by name": lambda claims, key: _named("RS256", claims, key),
    "none by name": lambda claims, key: _named("nOnE", claims, key),
    "no name": lambda claims, key: _named("", claims, key),
    "no signature": lambda claims, key: (
        jwt.encode(claims, key).rpartition(".")[0] + "."
    ),
    "a key by URL": lambda claims, _: jwt.encode(
        claims, "x" * 48, headers={"kid": "../../dev/null", "jku": "http://127.0.0.1:1"}
    ),
}


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("forger", FORGERS)
def test_a_token_signed_otherwise_is_refused(
    owner: Api, claims: Claims, secret: str, forger: str
) -> None:
    assert statuses(owner, FORGERS[forger](claims, secret)) == {401}


def test_a_token_of_a_role_that_is_no_longer_the_users_is_refused(
    owner: Api, claims: Claims, database: Connection
) -> None:
    statement = "update app.users set role = 'DOCTOR' where id = %(id)s"
    assert changed(database, statement, id=claims["sub"]) == 1
    assert statuses(owner, owner.access_token or "") == {401}


def test_every_row_cannot_be_had_at_once(owner: Api, database: Connection) -> None:
    owner_id = owner.call("GET", "/me").data["id"]
    statement = """
        insert into app.pets (user_id, type, name)
        select %(owner)s, 'CAT', 'ببری' from generate_series(1, 1100)
    """
    assert changed(database, statement, owner=owner_id) == 1100
    for path, headers in (
        ("/rest/v1/pets", {}),
        ("/rest/v1/pets?limit=100000", {}),
        ("/rest/v1/pets", {"Range": "0-99999", "Range-Unit": "items"}),
        ("/rest/v1/pets", {"Prefer": "count=exact", "Accept-Profile": "app"}),
    ):
        answer = owner.send("GET", path, headers=headers)
        assert len(answer.json()) == 1000
        assert answer.headers["Content-Range"].endswith("/*")  # nobody has counted


@pytest.mark.parametrize("levels", [8, 100])
@pytest.mark.parametrize("parenthesis", ["(", "%28"])
def test_nobody_embeds_without_end(owner: Api, levels: int, parenthesis: str) -> None:
    nested = f"consultations{parenthesis}pets{parenthesis}" * levels
    path = f"/rest/v1/pets?select={nested}id{'))' * levels}"
    began = time.monotonic()
    answer = owner.send("GET", path)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_FAILED")
    assert time.monotonic() - began < 2  # and not the time-out of statements


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        ("select=count()", "application/json"),
        ("select=id.max()", "application/json"),
        ("", "application/vnd.pgrst.plan+json"),
        ("", "application/vnd.pgrst.plan+text; options=analyze"),
    ],
)
def test_neither_aggregates_nor_plans_are_to_be_had(
    owner: Api, query: str, accept: str
) -> None:
    answer = owner.send("GET", f"/rest/v1/pets?{query}", headers={"Accept": accept})
    assert answer.status_code in {400, 406, 415}
    assert "Seq Scan" not in answer.text


def test_nobody_rolls_back_what_they_were_told(
    owner: Api, database: Connection
) -> None:
    """A dry run would let limits be tried without being counted."""
    body = {"type": "CAT", "name": "گذرا"}
    prefer = {"Prefer": "tx=rollback, return=representation"}
    made = owner.send("POST", "/rest/v1/rpc/create_pet", body, headers=prefer)
    query = "select count(*) from app.pets where id = %(id)s"
    assert value(database, query, id=made.json()["id"]) == 1


def test_no_header_makes_anybody_somebody(claims: Claims, anybody: Api) -> None:
    headers = {
        "X-User-Id": claims["sub"],
        "Request.Jwt.Claims": '{"role": "app_admin"}',
        "X-Remote-User": "admin",
    }
    for path in ("/pets", "/admin/config"):
        assert anybody.call("GET", path, headers=headers).status == 401


def test_guesses_are_counted_by_all_replicas_together(system: System) -> None:
    owner = new_owner(system.api_url)
    guess = {"mobile": owner.mobile, "password": "wrong-guess-1"}
    with another_sidecar(system, RUN_WORKERS="false") as (replica, _):
        headers = {"X-Real-IP": "127.0.0.1"}
        url = f"{replica}/api/v1/auth/login"
        seen = [owner.call("POST", "/auth/login", guess).status for _ in range(3)]
        seen += [web.post(url, json=guess, headers=headers).status_code for _ in "12"]
        last = owner.call("POST", "/auth/login", guess)
    assert seen == [401, 401, 401, 401, 401]
    assert (last.status, last.code) == (429, "RATE_LIMITED")
    assert int(last.headers["Retry-After"]) > 0


def test_whoever_let_holds_run_out_is_told_by_header_how_long_to_wait(
    owner: Api, database: Connection
) -> None:
    consultation_id = described_consultation(owner)
    path = f"/consultations/{consultation_id}/hold-slot"
    *starts, last = free_starts(owner)[:4]
    for start_at in starts:
        assert owner.call("POST", path, {"startAt": start_at}).status == 200
        statement = """
            update app.appointments set hold_expires_at = clock_timestamp()
            where consultation_id = %(id)s and status = 'HELD'
        """
        changed(database, statement, id=consultation_id)
    refused = owner.call("POST", path, {"startAt": last})
    arguments = {"consultation_id": consultation_id, "start_at": last}
    by_rest = owner.send("POST", "/rest/v1/rpc/hold_slot", arguments)

    assert refused.code == by_rest.json()["code"] == "TOO_MANY_HOLDS"
    for seconds in (refused.headers["Retry-After"], by_rest.headers["Retry-After"]):
        assert 59 * 60 < int(seconds) <= 60 * 60
    assert 59 * 60 < refused.error["details"]["retryAfter"] <= 60 * 60


def test_another_sites_form_changes_nothing(
    system: System, database: Connection
) -> None:
    """Signed in by cookie, as a browser is; the form needs no preflight."""
    owner = new_owner(system.api_url)
    new_pet(owner)
    cookie = {"Cookie": f"access={owner.access_token}"}
    url = f"{system.api_url}/api/v1/pets"
    pet = {"type": "CAT", "name": "جعلی"}
    for headers, status in (
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ):
        assert web.post(url, headers=cookie | headers, json=pet).status_code == status
        assert web.post(url, headers=cookie | headers, data=pet).status_code == status
    ours = cookie | {"Origin": system.api_url}
    assert web.post(url, headers=ours, data=pet).status_code == 415
    query = "select count(*) as forged from app.pets where name = 'جعلی'"
    assert one(database, query)["forged"] == 0
    assert web.post(url, headers=ours, json=pet).status_code == 201  # positive control
