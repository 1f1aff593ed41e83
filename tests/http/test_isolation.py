"""Somebody else's things are not found, on every path and on both surfaces."""

import pytest

from tests.support.api import Api, new_pet, started_payment

PET = {"type": "DOG", "name": "رکس"}
DETAILS = {"messageText": "این پیام از آن کس دیگری است و نباید نوشته شود."}
START = {"startAt": "2027-01-02T17:00:00+03:30"}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/pets/{pet}", None),
        ("PUT", "/pets/{pet}", PET),
        ("DELETE", "/pets/{pet}", None),
        ("POST", "/consultations", {"petId": "{pet}", "type": "SPECIALIST"}),
        ("GET", "/consultations/{consultation}", None),
        ("PATCH", "/consultations/{consultation}/details", DETAILS),
        ("POST", "/consultations/{consultation}/hold-slot", START),
        ("DELETE", "/consultations/{consultation}/hold-slot", None),
        ("POST", "/consultations/{consultation}/cancel", None),
        ("POST", "/payments/initiate", {"consultationId": "{consultation}"}),
        ("PATCH", "/notifications/{notification}/read", None),
    ],
)
def test_the_id_of_somebody_else_is_not_found(
    owner: Api, stranger: Api, method: str, path: str, body: dict[str, str] | None
) -> None:
    consultation, _ = started_payment(owner)
    ids = {
        "pet": new_pet(owner),
        "consultation": consultation,
        "notification": consultation,
    }
    sent = body and {name: text.format(**ids) for name, text in body.items()}
    answer = stranger.call(method, path.format(**ids), sent)
    assert (answer.status, answer.code) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "view", ["pets", "consultations", "appointments", "payments", "media"]
)
def test_rest_shows_nobody_elses_rows(owner: Api, stranger: Api, view: str) -> None:
    started_payment(owner)
    own = owner.send("GET", f"/rest/v1/{view}").json()
    assert stranger.send("GET", f"/rest/v1/{view}").json() == []
    assert own or view == "media"


@pytest.mark.parametrize(
    "view", ["me", "pets", "consultations", "appointments", "payments", "doctors"]
)
def test_anonymous_callers_see_nothing(anybody: Api, view: str) -> None:
    assert anybody.send("GET", f"/rest/v1/{view}").status_code == 401


@pytest.mark.parametrize("path", ["/me", "/pets", "/consultations", "/notifications"])
def test_the_contract_asks_anonymous_callers_to_sign_in(
    anybody: Api, path: str
) -> None:
    answer = anybody.call("GET", path)
    assert (answer.status, answer.code) == (401, "UNAUTHENTICATED")
