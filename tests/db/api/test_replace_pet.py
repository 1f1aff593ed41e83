"""api.replace_pet."""

from tests.db.helpers import NOBODY_ID, actions, call, forbidden
from tests.support.database import Connection, value
from tests.support.factories import make_pet
from tests.support.roles import Person, refused


def test_replacing_a_pet_forgets_what_is_not_said_again(
    db: Connection, owner: Person
) -> None:
    before = call(
        db,
        owner,
        "api.create_pet",
        type="DOG",
        name="هاپو",
        breed="دوبرمن",
        neutered=True,
    )
    after = call(
        db, owner, "api.replace_pet", pet_id=before["id"], type="CAT", name="هاپو"
    )
    assert (after["type"], after["breed"], after["neutered"]) == ("CAT", None, None)
    assert (after["id"], after["created_at"]) == (before["id"], before["created_at"])
    assert actions(db, before["id"]) == ["PET_CREATED", "PET_REPLACED"]


def test_a_wrong_field_changes_nothing(db: Connection, owner: Person) -> None:
    pet_id = make_pet(db, owner)
    with refused("VALIDATION_FAILED") as refusal:
        call(db, owner, "api.replace_pet", pet_id=pet_id, type="DOG", name="")
    assert list(refusal.details["fields"]) == ["name"]
    assert value(db, "select type from app.pets where id = %(id)s", id=pet_id) == "CAT"


def test_another_persons_pet_is_not_found(
    db: Connection, owner: Person, stranger: Person
) -> None:
    pet_id = make_pet(db, owner)
    for wrong_id in (pet_id, NOBODY_ID):
        with refused("NOT_FOUND") as refusal:
            call(db, stranger, "api.replace_pet", pet_id=wrong_id, type="DOG", name="x")
        assert refusal.status == 404


def test_a_deleted_pet_is_not_found(db: Connection, owner: Person) -> None:
    pet_id = make_pet(db, owner)
    call(db, owner, "api.delete_pet", pet_id=pet_id)
    with refused("NOT_FOUND"):
        call(db, owner, "api.replace_pet", pet_id=pet_id, type="DOG", name="x")


def test_only_owners_replace_pets(db: Connection, owner: Person, admin: Person) -> None:
    pet_id = make_pet(db, owner)
    with forbidden():
        call(db, admin, "api.replace_pet", pet_id=pet_id, type="DOG", name="x")
