"""api.submit_details."""

from uuid import UUID

import pytest

from tests.db.helpers import actions, call, forbidden
from tests.support.database import Connection, value
from tests.support.factories import MESSAGE, make_consultation, start_payment
from tests.support.roles import Person, refused


@pytest.fixture
def draft(db: Connection, owner: Person) -> UUID:
    """A consultation of which nothing is said yet."""
    return make_consultation(db, owner, with_details=False)


def add_media(
    db: Connection, owner: Person, consultation_id: UUID, purpose: str = "VOICE_NOTE"
) -> UUID:
    """Register a file, as the upload would."""
    query = """
        insert into app.media (consultation_id, owner_user_id, category, purpose,
            object_key, mime_type, size_bytes)
        values (%(consultation)s, %(owner)s, 'AUDIO', %(purpose)s,
            gen_random_uuid()::text, 'audio/mpeg', 20000)
        returning id
    """
    media_id: UUID = value(
        db, query, consultation=consultation_id, owner=owner.user_id, purpose=purpose
    )
    return media_id


def test_a_text_completes_a_draft(db: Connection, owner: Person, draft: UUID) -> None:
    told = call(
        db,
        owner,
        "api.submit_details",
        consultation_id=draft,
        message_text=f"  {MESSAGE} ",
    )
    assert (told["status"], told["message_text"]) == ("DETAILS_SUBMITTED", MESSAGE)
    assert actions(db, draft)[-1] == "CONSULTATION_DETAILS_SUBMITTED"


def test_a_voice_note_is_enough(db: Connection, owner: Person, draft: UUID) -> None:
    note = add_media(db, owner, draft)
    told = call(
        db, owner, "api.submit_details", consultation_id=draft, voice_media_id=note
    )
    assert (told["status"], told["voice_media_id"]) == ("DETAILS_SUBMITTED", note)
    assert [media["id"] for media in told["media"]] == [str(note)]


@pytest.mark.parametrize(
    "text", [None, "   ", "کوتاه", "ا" * 5001, "  " + "ا" * 19 + "  "]
)
def test_a_text_has_20_to_5000_characters(
    db: Connection, owner: Person, draft: UUID, text: str | None
) -> None:
    with refused("VALIDATION_FAILED") as refusal:
        call(db, owner, "api.submit_details", consultation_id=draft, message_text=text)
    assert list(refusal.details["fields"]) == ["message_text"]


@pytest.mark.parametrize("length", [20, 5000])
def test_20_and_5000_characters_are_accepted(
    db: Connection, owner: Person, draft: UUID, length: int
) -> None:
    text = "ا" * length
    told = call(
        db, owner, "api.submit_details", consultation_id=draft, message_text=text
    )
    assert told["message_text"] == text


def test_a_voice_note_belongs_to_this_consultation(
    db: Connection, owner: Person, draft: UUID
) -> None:
    elsewhere = add_media(db, owner, make_consultation(db, owner))
    not_a_note = add_media(db, owner, draft, purpose="OTHER")
    for wrong in (elsewhere, not_a_note):
        with refused("VALIDATION_FAILED") as refusal:
            call(
                db,
                owner,
                "api.submit_details",
                consultation_id=draft,
                message_text=MESSAGE,
                voice_media_id=wrong,
            )
        assert list(refusal.details["fields"]) == ["voice_media_id"]


def test_details_may_change_while_a_slot_is_held(
    db: Connection, owner: Person, held: UUID
) -> None:
    told = call(
        db, owner, "api.submit_details", consultation_id=held, message_text="ب" * 30
    )
    assert (told["status"], told["message_text"]) == ("SLOT_HELD", "ب" * 30)


def test_changing_details_does_not_restart_the_clock(
    db: Connection, owner: Person, described: UUID
) -> None:
    query = "select expires_at from app.consultations where id = %(id)s"
    before = value(db, query, id=described)
    call(
        db,
        owner,
        "api.submit_details",
        consultation_id=described,
        message_text="ب" * 30,
    )
    assert value(db, query, id=described) == before


def test_details_are_fixed_once_the_owner_is_at_the_bank(
    db: Connection, owner: Person, held: UUID
) -> None:
    start_payment(db, owner, held)
    with refused("INVALID_STATE") as refusal:
        call(
            db, owner, "api.submit_details", consultation_id=held, message_text=MESSAGE
        )
    assert refusal.details["status"] == "PAYMENT_INITIATED"


def test_another_persons_consultation_is_not_found(
    db: Connection, stranger: Person, described: UUID
) -> None:
    with refused("NOT_FOUND"):
        call(
            db,
            stranger,
            "api.submit_details",
            consultation_id=described,
            message_text=MESSAGE,
        )


def test_only_owners_submit_details(
    db: Connection, admin: Person, described: UUID
) -> None:
    with forbidden():
        call(
            db,
            admin,
            "api.submit_details",
            consultation_id=described,
            message_text=MESSAGE,
        )
