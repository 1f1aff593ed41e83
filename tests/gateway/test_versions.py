"""If-Match and ETag: the version that a change must meet, and the one that is there."""

import httpx
import pytest

from tests.gateway.answers import BEARER, ID, JSON, fields, postgrest_error, refusal
from tests.gateway.upstream import Upstream, answer

PATH = "/api/v1/admin/config"
CHANGE = {"priceToman": 300_000}
CHANGES = {"changes": {"price_toman": 300_000}}


@pytest.mark.parametrize(
    ("if_match", "argument"),
    [
        ({}, {}),
        ({"If-Match": "*"}, {}),
        ({"If-Match": '"3"'}, {"version": 3}),
        ({"If-Match": '"999999999"'}, {"version": 999_999_999}),
    ],
)
def test_a_change_says_which_version_it_must_meet(
    client: httpx.Client,
    postgrest: Upstream,
    if_match: dict[str, str],
    argument: dict[str, int],
) -> None:
    postgrest.reply = answer({"price_toman": 300_000, "version": 4})
    response = client.patch(PATH, json=CHANGE, headers=BEARER | if_match)
    assert (response.status_code, response.headers["ETag"]) == (200, '"4"')
    assert response.json() == {
        "ok": True,
        "data": {"priceToman": 300_000, "version": 4},
    }
    assert postgrest.only.json() == CHANGES | argument


@pytest.mark.parametrize(
    "malformed",
    ["", "3", '"x"', '""', '"0"', '"-1"', '"1.5"', 'W/"3"', '"3", "4"', '"9999999999"'],
)
def test_an_if_match_that_is_no_etag_of_ours_is_named(
    client: httpx.Client, postgrest: Upstream, malformed: str
) -> None:
    headers = BEARER | {"If-Match": malformed}
    assert fields(client.patch(PATH, json=CHANGE, headers=headers)) == {"If-Match"}
    assert not postgrest.received


def test_a_stale_version_is_a_failed_precondition(
    client: httpx.Client, postgrest: Upstream
) -> None:
    postgrest.reply = postgrest_error(
        412, "PRECONDITION_FAILED", "Look.", '{"version": 4}'
    )
    headers = BEARER | {"If-Match": '"3"'}
    response = client.patch(PATH, json=CHANGE, headers=headers)
    assert refusal(response) == (412, "PRECONDITION_FAILED")
    assert response.json()["error"]["details"] == {"version": 4}
    assert "ETag" not in response.headers


def test_what_is_read_has_its_version_as_etag(
    client: httpx.Client, postgrest: Upstream
) -> None:
    postgrest.reply = answer({"version": 12})
    response = client.get(PATH, headers=BEARER | {"If-Match": '"11"'})
    assert (response.status_code, response.headers["ETag"]) == (200, '"12"')


@pytest.mark.parametrize(
    "condition",
    [
        {"If-Match": '"3"'},
        {"If-Unmodified-Since": "Wed, 21 Oct 2015 07:28:00 GMT"},
        {"If-None-Match": "*"},
        {"If-Modified-Since": "never"},
    ],
)
def test_nginx_does_not_deny_a_change_that_was_made(
    client: httpx.Client, postgrest: Upstream, condition: dict[str, str]
) -> None:
    """Its own check of preconditions comes last, and knows of files alone."""
    response = client.put(f"/api/v1/pets/{ID}", json={}, headers=BEARER | condition)
    assert (response.status_code, response.json()["ok"]) == (200, True)
    assert postgrest.only.path == "/rpc/replace_pet"


def test_the_sidecar_is_told_and_tells(client: httpx.Client, sidecar: Upstream) -> None:
    sidecar.reply = answer({}, headers={"ETag": '"4"'})
    headers = BEARER | JSON | {"If-Match": '"3"'}
    path = "/api/v1/payments/initiate"
    response = client.post(path, content="{}", headers=headers)
    assert sidecar.only.headers["If-Match"] == '"3"'
    assert (response.status_code, response.headers["ETag"]) == (200, '"4"')


def test_postgrest_is_told_by_the_argument_alone(
    client: httpx.Client, postgrest: Upstream
) -> None:
    client.get("/rest/v1/pets", headers=BEARER | {"If-Match": '"3"'})
    assert "If-Match" not in postgrest.only.headers
