"""A person asks what is stored about them, and to be forgotten, by the contract."""

from http import HTTPStatus

from tests.support.api import Api, described_consultation, held_consultation


def user_id(owner: Api) -> str:
    """Return the person's id."""
    return str(owner.call("GET", "/me").data["id"])


def test_an_admin_gives_a_person_all_that_is_stored(owner: Api, admin: Api) -> None:
    consultation_id = described_consultation(owner)
    record = admin.call("POST", f"/admin/users/{user_id(owner)}/export").data
    assert record["user"]["mobile"] == owner.mobile
    assert [row["id"] for row in record["consultations"]] == [consultation_id]


def test_the_forgotten_are_out_at_once_and_may_come_back_as_somebody_else(
    owner: Api, admin: Api
) -> None:
    described_consultation(owner)
    path = f"/admin/users/{user_id(owner)}/erase"
    assert admin.call("POST", path).status == HTTPStatus.OK
    assert owner.call("GET", "/pets").code == "UNAUTHENTICATED"
    mobile, password = owner.mobile, owner.password
    assert Api(owner.api_url).sign_in(mobile, password).code == "UNAUTHENTICATED"
    body = {"name": "نگار", "mobile": mobile, "password": password}
    assert Api(owner.api_url).call("POST", "/auth/register", body).data
    assert admin.call("POST", path).code == "NOT_FOUND"


def test_who_holds_a_seat_is_not_forgotten(owner: Api, admin: Api) -> None:
    held_consultation(owner)
    answer = admin.call("POST", f"/admin/users/{user_id(owner)}/erase")
    assert (answer.status, answer.code) == (HTTPStatus.CONFLICT, "CONFLICT")
    assert answer.error["details"] == {"reasons": ["LIVE_APPOINTMENT"]}


def test_nobody_forgets_or_tells_of_others(owner: Api, stranger: Api) -> None:
    for action in ("erase", "export"):
        path = f"/admin/users/{user_id(stranger)}/{action}"
        assert owner.call("POST", path).code == "FORBIDDEN"
