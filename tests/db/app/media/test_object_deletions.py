"""The outbox of deletions: what gets into it, when, and who works it off."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from tests.db.helpers import call
from tests.support.database import Connection, Database, changed, one, rows, value
from tests.support.factories import make_consultation, make_user
from tests.support.files import (
    VOICE_NOTE,
    begin_registration,
    make_media,
    make_upload,
    object_key,
    register,
)
from tests.support.roles import Person, as_role, refused

End = Callable[[Connection, Person, UUID], None]


def reason(db: Connection, key: str) -> str | None:
    """Return why an object is to be deleted; None when it is not."""
    query = "select reason from app.object_deletions where object_key = %(key)s"
    found = rows(db, query, key=key)
    return found[0]["reason"] if found else None


def claim(db: Connection, max_rows: int = 50) -> set[str]:
    """Claim what is due, as a worker does."""
    with as_role(db, "sidecar"):
        query = "select sidecar.claim_object_deletions(%(max_rows)s) as key"
        return {row["key"] for row in rows(db, query, max_rows=max_rows)}


def make_due(db: Connection) -> None:
    """Let the time of all deletions come."""
    changed(db, "update app.object_deletions set next_attempt_at = clock_timestamp()")


def age_tickets(db: Connection) -> None:
    """Let a day pass for all tickets."""
    changed(db, "update app.uploads set created_at = created_at - interval '25 hours'")


# What ends a file


def expire(db: Connection, owner: Person, consultation_id: UUID) -> None:
    """Let nobody have come back to it for two days."""
    statement = """
        update app.consultations set expires_at = now() - interval '1 s'
        where id = %(id)s and user_id = %(owner)s
    """
    assert changed(db, statement, id=consultation_id, owner=owner.user_id) == 1
    assert value(db, "select app.expire_consultations()") == 1


def soft_delete(db: Connection, owner: Person, consultation_id: UUID) -> None:
    """Mark it as deleted."""
    statement = """
        update app.consultations set deleted_at = clock_timestamp()
        where id = %(id)s and user_id = %(owner)s
    """
    assert changed(db, statement, id=consultation_id, owner=owner.user_id) == 1


def purge(db: Connection, owner: Person, consultation_id: UUID) -> None:
    """Let it be canceled, and older than medical data is kept."""
    call(db, owner, "api.cancel_consultation", consultation_id=consultation_id)
    changed(db, "update app.consultations set created_at = now() - interval '31 days'")
    changed(db, "update app.system_config set medical_retention_days = 30")
    assert value(db, "select app.prune_medical_data()") == 1


def erase(db: Connection, owner: Person, consultation_id: UUID) -> None:
    """Forget the person."""
    del consultation_id
    rows(db, "select app.erase_person(%(id)s)", id=owner.user_id)


@pytest.mark.parametrize("end", [expire, soft_delete, purge, erase])
def test_a_file_goes_with_its_consultation_or_its_owner(
    db: Connection, owner: Person, end: End
) -> None:
    consultation_id = make_consultation(db, owner)
    key = object_key(db, make_media(db, owner, consultation_id, VOICE_NOTE))
    other = make_user(db)
    kept = make_media(db, other, make_consultation(db, other))
    end(db, owner, consultation_id)
    assert reason(db, key) == "MEDIA_DELETED"
    assert key in claim(db), "it is due at once"
    assert reason(db, object_key(db, kept)) is None


def test_an_erased_person_leaves_no_uploads_either(
    db: Connection, owner: Person
) -> None:
    consultation_id = make_consultation(db, owner)
    waiting = make_upload(db, owner)
    checked = begin_registration(db, owner, consultation_id)
    erase(db, owner, consultation_id)
    assert reason(db, waiting) == reason(db, checked.upload_key) == "UNUSED"
    assert reason(db, checked.kept_key) == "ABANDONED"


def test_a_file_of_somebody_erased_meanwhile_is_not_registered(
    db: Connection, owner: Person
) -> None:
    consultation_id = make_consultation(db, owner)
    ticket = begin_registration(db, owner, consultation_id)
    erase(db, owner, consultation_id)
    with refused("UNAUTHENTICATED"):
        call(db, owner, "api.submit_details", consultation_id=consultation_id)
    with refused("INVALID_STATE"):
        register(db, owner, consultation_id, ticket)


# What is uploaded and not used


def test_an_upload_is_deleted_after_a_day_without_use(
    db: Connection, owner: Person
) -> None:
    old = make_upload(db, owner)
    age_tickets(db)
    young = make_upload(db, owner)
    assert value(db, "select app.prune_uploads()") == 1
    assert (reason(db, old), reason(db, young)) == ("UNUSED", None)
    assert value(db, "select array_agg(object_key) from app.uploads") == [young]


def test_an_upload_that_is_being_checked_is_left_until_the_lease_ends(
    db: Connection, owner: Person
) -> None:
    ticket = begin_registration(db, owner, make_consultation(db, owner))
    age_tickets(db)
    assert value(db, "select app.prune_uploads()") == 0
    changed(db, "update app.uploads set checked_until = now() - interval '1 s'")
    assert value(db, "select app.prune_uploads()") == 1
    assert reason(db, ticket.upload_key) == "UNUSED"
    assert reason(db, ticket.kept_key) == "ABANDONED"


def test_what_was_registered_stays_when_its_ticket_goes(
    db: Connection, owner: Person
) -> None:
    media_id = make_media(db, owner, make_consultation(db, owner))
    age_tickets(db)
    assert value(db, "select app.prune_uploads()") == 1
    assert reason(db, object_key(db, media_id)) is None


def test_a_used_upload_waits_until_nobody_can_write_it_again(
    db: Connection, owner: Person
) -> None:
    ticket = begin_registration(db, owner, make_consultation(db, owner))
    register(db, owner, value(db, "select id from app.consultations"), ticket)
    query = """
        select d.next_attempt_at - u.expires_at as margin
        from app.object_deletions d join app.uploads u using (object_key)
        where object_key = %(key)s and reason = 'REGISTERED'
    """
    assert one(db, query, key=ticket.upload_key)["margin"] == timedelta(minutes=1)
    assert claim(db) == set()


# Working it off


def doom(db: Connection, *keys: str) -> None:
    """Have objects deleted."""
    for key in keys:
        rows(db, "select app.doom_object(%(key)s, 'SWEPT')", key=key)


def test_a_dead_workers_claim_comes_back_and_later_each_time(db: Connection) -> None:
    doom(db, "a")
    pauses = []
    for attempt in range(1, 9):
        assert claim(db) == {"a"}
        assert claim(db) == set(), "another worker leaves it alone"
        query = """
            select attempts, next_attempt_at - clock_timestamp() as pause
            from app.object_deletions
        """
        row = one(db, query)
        assert row["attempts"] == attempt
        pauses.append(round(row["pause"] / timedelta(minutes=1)))
        make_due(db)
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 64]


def test_two_workers_never_take_the_same(fresh_db: Database) -> None:
    with fresh_db.connect() as first, fresh_db.connect() as second:
        doom(first, "a", "b", "c")
        first.commit()
        taken = claim(first, max_rows=2)
        assert len(taken) == 2
        assert claim(second) == {"a", "b", "c"} - taken


def test_the_object_of_a_file_is_never_taken(db: Connection, owner: Person) -> None:
    media_id = make_media(db, owner, make_consultation(db, owner))
    doom(db, object_key(db, media_id), "b")
    assert claim(db) == {"b"}
