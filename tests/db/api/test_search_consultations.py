"""api.search_consultations: every filter, alone and together."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.db.api.searching import found, search, walked
from tests.db.helpers import TEHRAN, forbidden
from tests.support.database import Connection, changed, rows, value
from tests.support.factories import (
    make_consultation,
    make_doctor,
    make_scheduled,
    make_user,
)
from tests.support.roles import Person, refused

TODAY = datetime.now(TEHRAN).date()


@pytest.fixture
def draft(db: Connection, stranger: Person) -> UUID:
    """A draft of the stranger's."""
    return make_consultation(db, stranger, with_details=False)


@pytest.fixture
def scheduled(db: Connection, owner: Person, doctor: Person) -> UUID:
    """A paid consultation of the owner's with an appointment."""
    assert doctor.db_role == "app_doctor"
    return make_scheduled(db, owner)


def date_back(db: Connection, consultation_id: UUID, created_at: str) -> None:
    """Let a consultation have begun at a moment of the clinic's wall clock."""
    statement = """
        update app.consultations
        set created_at = %(at)s::timestamp at time zone 'Asia/Tehran' where id = %(id)s
    """
    assert changed(db, statement, at=created_at, id=consultation_id) == 1


def test_without_a_filter_all_are_found_the_newest_first(
    db: Connection, admin: Person, draft: UUID, scheduled: UUID
) -> None:
    assert found(db, admin, "consultations") == [scheduled, draft]


@pytest.mark.usefixtures("draft")
def test_a_row_carries_owner_pet_appointment_payment_and_media(
    db: Connection, admin: Person, owner: Person, scheduled: UUID
) -> None:
    (row,) = search(db, admin, "consultations", status="SCHEDULED")
    assert row["id"] == scheduled
    assert row["owner"] == {
        "id": str(owner.user_id),
        "name": owner.name,
        "mobile": owner.mobile,
    }
    assert (row["pet"]["type"], row["pet"]["name"]) == ("CAT", "پشمک")
    assert row["appointment"]["doctor"]["display_name"] == "دکتر مینا رضایی"
    assert (row["payment"]["status"], row["media"]) == ("VERIFIED", [])
    assert row["version"] > 1


def test_filters_are_combined(
    db: Connection, admin: Person, owner: Person, draft: UUID, scheduled: UUID
) -> None:
    doctor_id = value(db, "select id from app.doctors")
    another = value(db, "select app.new_id()")
    every: dict[str, Any] = {
        "status": "SCHEDULED",
        "from": TODAY,
        "to": TODAY,
        "mobile": owner.mobile,
        "name": owner.name,
        "pet_type": "CAT",
        "doctor_id": doctor_id,
    }
    assert draft != scheduled
    assert found(db, admin, "consultations", **every) == [scheduled]
    others: dict[str, Any] = {
        "status": "DRAFT",
        "from": TODAY + timedelta(days=1),
        "to": TODAY - timedelta(days=1),
        "mobile": "0999",
        "name": "رضا",
        "pet_type": "DOG",
        "doctor_id": another,
    }
    for name, other in others.items():
        filters = every | {name: other}
        if name in ("from", "to"):
            filters |= {"from": other, "to": other}
        assert found(db, admin, "consultations", **filters) == [], name


def test_days_are_the_clinics_and_both_are_included(
    db: Connection, admin: Person, draft: UUID
) -> None:
    for at, expected in (
        ("2026-03-20 23:59:59", []),
        ("2026-03-21 00:00:00", [draft]),
        ("2026-03-22 23:59:59", [draft]),
        ("2026-03-23 00:00:00", []),
    ):
        date_back(db, draft, at)
        span = {"from": "2026-03-21", "to": "2026-03-22"}
        assert found(db, admin, "consultations", **span) == expected, at


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ({"mobile": "12"}, "mobile"),
        ({"mobile": ""}, "mobile"),
        ({"name": " "}, "name"),
        ({"name": "a" * 101}, "name"),
        ({"from": "1999-12-31"}, "from"),
        ({"to": "infinity"}, "to"),
        ({"from": "2026-01-02", "to": "2026-01-01"}, "to"),
        ({"max_rows": 0}, "max_rows"),
        ({"max_rows": 102}, "max_rows"),
        ({"before_at": "2026-01-01"}, "cursor"),
    ],
)
def test_a_filter_that_makes_no_sense_is_named(
    db: Connection, admin: Person, filters: dict[str, Any], field: str
) -> None:
    with refused("VALIDATION_FAILED") as refusal:
        search(db, admin, "consultations", **filters)
    assert list(refusal.details["fields"]) == [field]


def test_pages_show_every_row_once_though_new_ones_come(
    db: Connection, admin: Person, owner: Person
) -> None:
    all_of_them = [make_consultation(db, owner, with_details=False) for _ in range(7)]
    # Of one moment, as in one statement: the id decides.
    changed(db, "update app.consultations set created_at = '2026-03-21'")
    first = search(db, admin, "consultations", max_rows=3)
    make_consultation(db, owner, with_details=False)
    place = {"before_at": first[-1]["created_at"], "before_id": first[-1]["id"]}
    rest = found(db, admin, "consultations", max_rows=100, **place)
    shown = [row["id"] for row in first] + rest
    assert shown == sorted(all_of_them, reverse=True)
    assert walked(db, admin, "consultations", 3)[1:] == shown


def test_what_was_deleted_is_not_found(
    db: Connection, admin: Person, draft: UUID
) -> None:
    changed(db, "update app.consultations set deleted_at = clock_timestamp()")
    assert found(db, admin, "consultations") == []
    assert found(db, admin, "consultations", status="DRAFT") != [draft]


def test_a_deleted_pet_is_still_shown(
    db: Connection, admin: Person, draft: UUID
) -> None:
    changed(db, "update app.pets set deleted_at = clock_timestamp()")
    (row,) = search(db, admin, "consultations", pet_type="CAT")
    assert (row["id"], row["pet"]["name"]) == (draft, "پشمک")


def test_the_mobile_may_be_cut_off(
    db: Connection, admin: Person, owner: Person, draft: UUID
) -> None:
    mine = make_consultation(db, owner)
    assert draft != mine
    for typed in (owner.mobile, owner.mobile[1:], f"+98{owner.mobile[1:]}"):
        assert found(db, admin, "consultations", mobile=typed) == [mine]
    assert len(found(db, admin, "consultations", mobile="0912")) == 2


@pytest.mark.parametrize("limit", [0, 1])
def test_frequent_names_are_found_as_rare_ones_are(
    db: Connection, admin: Person, limit: int
) -> None:
    """Beyond a limit people are not gathered first; the answer is the same."""
    source = value(db, "select pg_get_functiondef('app.few'::regproc) as source")
    assert "<= 5000" in source
    db.execute(source.replace("<= 5000", f"<= {limit}").encode())
    expected = [make_consultation(db, make_user(db, "بهرام ناصری")) for _ in range(3)]
    make_consultation(db, make_user(db, "بهرام‌پور"))
    assert found(db, admin, "consultations", name="بهرام ناص") == expected[::-1]
    one = rows(db, "select mobile from app.users where name = 'بهرام ناصری'")
    mobiles = {row["mobile"] for row in one}
    for mobile in mobiles:
        assert len(found(db, admin, "consultations", name="بهرام", mobile=mobile)) == 1


def test_only_admins_search(db: Connection, owner: Person) -> None:
    for person in (owner, make_doctor(db)):
        with forbidden():
            search(db, person, "consultations")
