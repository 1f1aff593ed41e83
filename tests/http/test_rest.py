"""/rest/v1 is PostgREST itself, used with its own client library."""

from collections.abc import Iterator
from typing import Any

import pytest
from postgrest import APIError, SyncPostgrestClient

from tests.support.api import Api, described_consultation, free_starts, new_pet


@pytest.fixture
def rest(owner: Api) -> Iterator[SyncPostgrestClient]:
    """The client library, signed in as the owner."""
    token = f"Bearer {owner.access_token}"
    with SyncPostgrestClient(
        f"{owner.api_url}/rest/v1", headers={"Authorization": token}
    ) as client:
        yield client


def call(rest: SyncPostgrestClient, function: str, /, **arguments: Any) -> Any:
    """Call a function and return what it gives."""
    return rest.rpc(function, arguments).execute().data


def test_a_pet_is_created_and_read(rest: SyncPostgrestClient) -> None:
    pet = call(rest, "create_pet", type="DOG", name="رکس")
    read = rest.from_("pets").select("name,type").eq("id", pet["id"]).execute().data
    assert read == [{"name": "رکس", "type": "DOG"}]


def test_availability_is_read_with_get(rest: SyncPostgrestClient) -> None:
    period = {"from": "2027-01-02", "to": "2027-01-04"}
    answer: Any = rest.rpc("availability", period, get=True).execute().data
    days = answer["days"]
    assert [(day["date"], day["jalali_date"], day["weekday"]) for day in days] == [
        ("2027-01-02", "1405-10-12", "Saturday"),
        ("2027-01-04", "1405-10-14", "Monday"),
    ]
    assert days[0]["slots"][0]["start_at"] == "2027-01-02T17:00:00+03:30"


def test_a_slot_is_held_moved_and_released(
    rest: SyncPostgrestClient, owner: Api
) -> None:
    consultation_id = described_consultation(owner)
    first, second = free_starts(owner)[:2]

    held = call(rest, "hold_slot", consultation_id=consultation_id, start_at=first)
    moved = call(rest, "hold_slot", consultation_id=consultation_id, start_at=second)
    released = call(rest, "release_hold", consultation_id=consultation_id)

    assert held["start_at"] == first
    assert (moved["id"], moved["start_at"]) == (held["id"], second)
    assert moved["hold_expires_at"] == held["hold_expires_at"]
    assert released["status"] == "DETAILS_SUBMITTED"
    assert released["appointment"] is None


def test_a_refusal_has_postgrests_shape_and_our_code(rest: SyncPostgrestClient) -> None:
    with pytest.raises(APIError) as refusal:
        call(rest, "create_pet", name="")
    assert refusal.value.code == "VALIDATION_FAILED"


def test_rows_are_embedded(rest: SyncPostgrestClient, owner: Api) -> None:
    consultation_id = described_consultation(owner)
    columns = "id,pets(name),appointments(status)"
    assert rest.from_("consultations").select(columns).execute().data == [
        {"id": consultation_id, "pets": {"name": "ببری"}, "appointments": []}
    ]


def test_tables_cannot_be_written(rest: SyncPostgrestClient, owner: Api) -> None:
    pet_id = new_pet(owner)
    with pytest.raises(APIError) as refusal:
        rest.from_("pets").update({"name": "نه"}).eq("id", pet_id).execute()
    assert refusal.value.code == "42501"
