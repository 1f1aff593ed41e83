"""api.create_consultation."""

from datetime import timedelta

from tests.db.helpers import NOBODY_ID, actions, call, configure, forbidden
from tests.support.database import Connection, rows
from tests.support.factories import make_pet
from tests.support.roles import Person, refused


def test_a_consultation_begins_as_a_draft_at_todays_price(
    db: Connection, owner: Person
) -> None:
    configure(db, price_toman=310000)
    pet_id = make_pet(db, owner)
    begun = call(db, owner, "api.create_consultation", pet_id=pet_id)
    configure(db, price_toman=500000)
    assert begun["status"] == "DRAFT"
    assert (begun["base_price_toman"], begun["currency"]) == (310000, "TOMAN")
    assert (begun["user_id"], begun["pet_id"]) == (owner.user_id, pet_id)
    assert (begun["appointment"], begun["payment"], begun["media"]) == (None, None, [])
    assert begun["expires_at"] - begun["created_at"] >= timedelta(hours=47, minutes=59)
    assert actions(db, begun["id"]) == ["CONSULTATION_CREATED"]


def test_the_pet_must_be_named(db: Connection, owner: Person) -> None:
    with refused("VALIDATION_FAILED") as refusal:
        call(db, owner, "api.create_consultation")
    assert list(refusal.details["fields"]) == ["pet_id"]


def test_another_persons_pet_is_not_found(
    db: Connection, owner: Person, stranger: Person
) -> None:
    pet_id = make_pet(db, owner)
    for wrong_id in (pet_id, NOBODY_ID):
        with refused("NOT_FOUND"):
            call(db, stranger, "api.create_consultation", pet_id=wrong_id)
    assert rows(db, "select * from app.consultations") == []


def test_a_deleted_pet_is_not_found(db: Connection, owner: Person) -> None:
    pet_id = make_pet(db, owner)
    call(db, owner, "api.delete_pet", pet_id=pet_id)
    with refused("NOT_FOUND"):
        call(db, owner, "api.create_consultation", pet_id=pet_id)


def test_only_owners_begin_consultations(
    db: Connection, owner: Person, doctor: Person, admin: Person
) -> None:
    pet_id = make_pet(db, owner)
    for person in (doctor, admin):
        with forbidden():
            call(db, person, "api.create_consultation", pet_id=pet_id)
