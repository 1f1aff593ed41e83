"""api.create_pet."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.db.helpers import actions, call, forbidden
from tests.support.database import Connection, value
from tests.support.roles import Person, refused


def test_a_pet_is_registered_with_all_that_is_said_of_it(
    db: Connection, owner: Person
) -> None:
    said = {
        "type": "DOG",
        "name": "هاپو",
        "breed": "ژرمن شپرد",
        "gender": "FEMALE",
        "neutered": True,
        "birth_date": date(2020, 3, 20),
    }
    pet = call(db, owner, "api.create_pet", **said)
    assert {key: pet[key] for key in said} == said
    assert pet["user_id"] == owner.user_id
    assert actions(db, pet["id"]) == ["PET_CREATED"]


def test_what_is_not_said_of_a_pet_is_unknown(db: Connection, owner: Person) -> None:
    pet = call(db, owner, "api.create_pet", type="CAT", name=" ملوس ", breed="  ")
    assert pet["name"] == "ملوس"
    assert pet["gender"] == "UNKNOWN"
    assert (pet["breed"], pet["neutered"], pet["birth_date"]) == (None, None, None)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"type": None}, "type"),
        ({"name": None}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "م" * 101}, "name"),
        ({"breed": "ن" * 101}, "breed"),
        ({"birth_date": date.today() + timedelta(days=3)}, "birth_date"),  # noqa: DTZ011
        ({"birth_date": date(1969, 12, 31)}, "birth_date"),
    ],
)
def test_a_wrong_field_is_named(
    db: Connection, owner: Person, wrong: dict[str, Any], field: str
) -> None:
    given = {"type": "CAT", "name": "ملوس"} | wrong
    with refused("VALIDATION_FAILED") as refusal:
        call(db, owner, "api.create_pet", **given)
    assert refusal.status == 422
    assert list(refusal.details["fields"]) == [field]
    assert value(db, "select count(*) from app.pets") == 0


def test_all_wrong_fields_are_named_at_once(db: Connection, owner: Person) -> None:
    with refused("VALIDATION_FAILED") as refusal:
        call(db, owner, "api.create_pet")
    assert set(refusal.details["fields"]) == {"type", "name"}


def test_only_owners_register_pets(
    db: Connection, doctor: Person, admin: Person
) -> None:
    for person in (doctor, admin):
        with forbidden():
            call(db, person, "api.create_pet", type="CAT", name="ملوس")
