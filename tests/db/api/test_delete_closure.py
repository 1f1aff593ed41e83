"""api.delete_closure: the end of a closure, and what is left of it."""

from datetime import timedelta

from tests.db.helpers import call, live_seat, status
from tests.support.database import Connection, rows, value
from tests.support.factories import free_slots, make_scheduled, make_user
from tests.support.roles import Person


def test_its_slots_are_offered_again_and_the_log_keeps_what_it_was(
    db: Connection,
    admin: Person,
    doctor: Person,  # noqa: ARG001 - who makes that there are seats
) -> None:
    seat = live_seat(db, make_scheduled(db, make_user(db)))
    owner = make_user(db)
    before = free_slots(db, owner)
    closure = call(
        db,
        admin,
        "api.create_closure",
        start_at=seat["start_at"],
        end_at=before[0] + timedelta(minutes=30),
        reason="برق نیست",
    )
    assert before[0] not in free_slots(db, owner)
    call(db, admin, "api.delete_closure", closure_id=closure["id"])
    assert free_slots(db, owner) == before
    assert status(db, "appointments", seat["id"]) == "CONFIRMED"
    query = """
        select action, actor_user_id, meta from app.audit_log
        where entity_id = %(id)s order by created_at
    """
    made, deleted = rows(db, query, id=closure["id"])
    assert (made["action"], deleted["action"]) == ("CLOSURE_CREATED", "CLOSURE_DELETED")
    assert deleted["actor_user_id"] == admin.user_id
    assert deleted["meta"]["from"].keys() == {"start_at", "end_at"}
    assert deleted["meta"]["fields"] == ["end_at", "reason", "start_at"]
    assert "برق" not in str((made, deleted))
    reports = "select count(*) from app.notifications where type = 'OVER_CAPACITY'"
    assert value(db, reports) == 1
