"""app.content_length: what shows nothing makes no name, text or reason."""

import sys
from datetime import timedelta
from typing import Any
from unicodedata import category
from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

from tests.db.helpers import ask, call, clinic_time, close_clinic, violates
from tests.support.database import Connection, changed, rows, value
from tests.support.factories import PASSWORD_HASH, make_consultation, new_mobile
from tests.support.roles import Person, refused

NOTHING = {
    "zero-width space": "\u200b",
    "half-space": "\u200c",
    "joiner": "\u200d",
    "byte order mark": "\ufeff",
    "left-to-right mark": "\u200e",
    "right-to-left mark": "\u200f",
    "word joiner": "\u2060",
    "soft hyphen": "\u00ad",
    "Hangul filler": "\u3164",
    "tag": "\U000e0041",
    "variation selector": "\ufe0f",
    "no-break space": "\u00a0",
    "ideographic space": "\u3000",
    "blank Braille": "\u2800",
    "line feed": "\n",
    "several": " \u200b\n\u200c ",
}
every_nothing = pytest.mark.parametrize("nothing", NOTHING.values(), ids=NOTHING)
# With a half-space, and a dog that is put together of three characters.
HALF_SPACED = "نیلوفر علی\u200cزاده"
EMOJI = "🐕\u200d🦺"


def length(db: Connection, text: str | None) -> int | None:
    """Ask how many characters there are to read."""
    found: int | None = value(db, "select app.content_length(%(text)s)", text=text)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, None),
        ("", 0),
        ("ا", 1),
        (HALF_SPACED, len(HALF_SPACED)),
        (EMOJI, len(EMOJI)),
        ("  ملوس\n", 4),
        ("م\u200b \u200c\u200bل", 3),
        ("—", 1),
    ],
)
def test_only_what_is_read_counts(
    db: Connection, text: str | None, expected: int | None
) -> None:
    assert length(db, text) == expected


def test_no_letter_digit_or_sign_is_taken_for_nothing(db: Connection) -> None:
    """In the planes that have letters in everyday use."""
    query = """
        select i from generate_series(1, 131071) i
        where (i < 55296 or i > 57343) and app.content_length(chr(i)) = 0
    """
    blanks = {chr(row["i"]) for row in rows(db, query)}
    fillers = set("\u115f\u1160\u2800\u3164\uffa0")
    assert {c for c in blanks - fillers if category(c)[0] in "LNPS"} == set()
    spaces = {chr(i) for i in range(1, sys.maxunicode + 1) if chr(i).isspace()}
    assert spaces <= blanks


def refuses(
    field: str, db: Connection, person: Person, function: str, **said: Any
) -> None:
    """Assert that a function refuses what it is told, and names this field alone."""
    with refused("VALIDATION_FAILED") as refusal:
        call(db, person, function, **said)
    assert list(refusal.details["fields"]) == [field]


@every_nothing
def test_nobody_registers_without_a_name_to_read(db: Connection, nothing: str) -> None:
    with refused("VALIDATION_FAILED") as refusal:
        register(db, nothing)
    assert list(refusal.details["fields"]) == ["name"]


def register(db: Connection, name: str) -> Any:
    """Register an owner of this name."""
    return ask(
        db,
        "sidecar.register",
        name=name,
        mobile=new_mobile(),
        password_hash=PASSWORD_HASH,
        refresh_ttl="30 days",
    )


def test_a_half_space_in_a_name_stays(db: Connection, owner: Person) -> None:
    assert register(db, HALF_SPACED)["name"] == HALF_SPACED
    pet = call(db, owner, "api.create_pet", type="DOG", name=EMOJI, breed=HALF_SPACED)
    assert (pet["name"], pet["breed"]) == (EMOJI, HALF_SPACED)


@every_nothing
def test_a_pet_has_a_name_to_read(db: Connection, owner: Person, nothing: str) -> None:
    refuses("name", db, owner, "api.create_pet", type="CAT", name=nothing)
    pet = call(db, owner, "api.create_pet", type="CAT", name="ملوس", breed=nothing)
    assert pet["breed"] is None
    kept = {"pet_id": pet["id"], "type": "CAT"}
    refuses("name", db, owner, "api.replace_pet", **kept, name=nothing)
    replaced = call(db, owner, "api.replace_pet", **kept, name="ملوس", breed=nothing)
    assert replaced["breed"] is None


@every_nothing
def test_a_message_says_something(db: Connection, owner: Person, nothing: str) -> None:
    draft = make_consultation(db, owner, with_details=False)
    for text in (nothing * 20, "ا" + nothing * 18 + "ب", "ا" * 19 + nothing):
        refuses(
            "message_text",
            db,
            owner,
            "api.submit_details",
            consultation_id=draft,
            message_text=text,
        )


def test_a_half_space_counts_in_a_message(db: Connection, owner: Person) -> None:
    draft = make_consultation(db, owner, with_details=False)
    text = "شب تب دارد، نمی\u200cخورد"
    assert len(text) == 20
    told = call(
        db, owner, "api.submit_details", consultation_id=draft, message_text=text
    )
    assert told["message_text"] == text


@pytest.mark.usefixtures("doctor")
@every_nothing
def test_doctors_and_people_keep_a_name_to_read(
    db: Connection, admin: Person, owner: Person, nothing: str
) -> None:
    refuses("name", db, admin, "api.update_user", user_id=owner.user_id, name=nothing)
    doctor_id: UUID = value(db, "select id from app.doctors")
    shown = {"doctor_id": doctor_id, "display_name": nothing}
    refuses("display_name", db, admin, "api.update_doctor", **shown)


@pytest.mark.usefixtures("doctor")
@every_nothing
def test_a_time_off_has_a_reason_to_read(
    db: Connection, admin: Person, nothing: str
) -> None:
    start = clinic_time(3)
    span = {"start_at": start, "end_at": start + timedelta(hours=1)}
    refuses("reason", db, admin, "api.create_closure", **span, reason=nothing)
    doctor_id: UUID = value(db, "select id from app.doctors")
    away = span | {"doctor_id": doctor_id}
    refuses("reason", db, admin, "api.create_absence", **away, reason=nothing)


@every_nothing
def test_a_template_says_something(db: Connection, admin: Person, nothing: str) -> None:
    changes = Jsonb({"sms_reminder_template": nothing})
    refuses("sms_reminder_template", db, admin, "api.update_config", changes=changes)


@pytest.mark.usefixtures("doctor", "described")
@pytest.mark.parametrize(
    ("table", "column", "constraint"),
    [
        ("users", "name", "users_name_check"),
        ("doctors", "display_name", "doctors_display_name_check"),
        ("pets", "name", "pets_name_check"),
        ("pets", "breed", "pets_breed_check"),
        ("closures", "reason", "closures_reason_check"),
    ],
)
def test_the_tables_refuse_it_too(
    db: Connection,
    table: str,
    column: str,
    constraint: str,
) -> None:
    close_clinic(db, clinic_time(3))
    with violates(constraint), db.transaction():
        changed(db, f"update app.{table} set {column} = chr(8204)")
