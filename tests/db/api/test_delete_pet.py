"""api.delete_pet."""

import pytest

from tests.db.helpers import actions, call, forbidden
from tests.support.database import Connection, rows
from tests.support.factories import (
    hold_slot,
    make_consultation,
    make_doctor,
    make_pet,
    make_scheduled,
)
from tests.support.roles import Person, as_person, refused


def test_a_deleted_pet_is_hidden_and_kept(db: Connection, owner: Person) -> None:
    pet_id = make_pet(db, owner)
    call(db, owner, "api.delete_pet", pet_id=pet_id)
    with as_person(db, owner):
        assert rows(db, "select * from api.pets") == []
    assert len(rows(db, "select from app.pets where deleted_at is not null")) == 1
    assert actions(db, pet_id)[-1] == "PET_DELETED"


def test_a_pet_is_deleted_once(db: Connection, owner: Person) -> None:
    pet_id = make_pet(db, owner)
    call(db, owner, "api.delete_pet", pet_id=pet_id)
    with refused("NOT_FOUND"):
        call(db, owner, "api.delete_pet", pet_id=pet_id)


@pytest.mark.parametrize(
    "state", ["DRAFT", "DETAILS_SUBMITTED", "SLOT_HELD", "SCHEDULED"]
)
def test_a_pet_stays_while_a_consultation_about_it_is_open(
    db: Connection, owner: Person, state: str
) -> None:
    make_doctor(db)
    if state == "SCHEDULED":
        make_scheduled(db, owner)
    else:
        consultation_id = make_consultation(db, owner, with_details=state != "DRAFT")
        if state == "SLOT_HELD":
            hold_slot(db, owner, consultation_id)
    (consultation,) = rows(db, "select pet_id, status from app.consultations")
    assert consultation["status"] == state
    with refused("INVALID_STATE") as refusal:
        call(db, owner, "api.delete_pet", pet_id=consultation["pet_id"])
    assert refusal.status == 409


def test_a_pet_may_go_when_its_consultation_has_ended(
    db: Connection, owner: Person
) -> None:
    pet_id = make_pet(db, owner)
    consultation_id = make_consultation(db, owner, pet_id)
    call(db, owner, "api.cancel_consultation", consultation_id=consultation_id)
    call(db, owner, "api.delete_pet", pet_id=pet_id)
    assert actions(db, pet_id)[-1] == "PET_DELETED"


def test_another_persons_pet_is_not_found(
    db: Connection, owner: Person, stranger: Person
) -> None:
    pet_id = make_pet(db, owner)
    with refused("NOT_FOUND"):
        call(db, stranger, "api.delete_pet", pet_id=pet_id)


def test_only_owners_delete_pets(db: Connection, owner: Person, admin: Person) -> None:
    pet_id = make_pet(db, owner)
    with forbidden():
        call(db, admin, "api.delete_pet", pet_id=pet_id)
