"""The jobs of app.jobs, and how they are run and recorded."""

from uuid import UUID

import psycopg
import pytest

from tests.db.helpers import (
    actions,
    ask,
    assert_healthy,
    call,
    forbidden,
    lapse_hold,
    live_seat,
    some_slots,
    status,
)
from tests.support.database import Connection, Database, changed, one, rows, value
from tests.support.factories import (
    free_slots,
    hold_slot,
    make_consultation,
    make_doctor,
    make_scheduled,
    make_user,
    settle,
    sign_in,
    start_payment,
)
from tests.support.roles import Person, as_role


def run(db: Connection, name: str) -> int:
    """Run one batch of a job, as the job runner does."""
    with as_role(db, "job_runner"):
        count: int = value(db, "select app.run_job(%(name)s)", name=name)
    return count


# Running


def test_every_job_names_a_function_that_runs(db: Connection) -> None:
    jobs = rows(db, "select name from app.jobs")
    assert {job["name"] for job in jobs} >= {"holds:release-expired"}
    for job in jobs:
        assert run(db, job["name"]) == 0


def test_an_unknown_job_is_an_error(db: Connection) -> None:
    with pytest.raises(psycopg.errors.NoDataFound):
        run(db, "no:such-job")


def test_only_the_job_runner_runs_jobs(db: Connection) -> None:
    for role in ("app_user", "app_admin", "sidecar"):
        with forbidden(), as_role(db, role):
            rows(db, "select app.run_job('sessions:prune')")


def test_the_job_runner_reads_no_people(db: Connection, owner: Person) -> None:
    assert owner.db_role == "app_user"
    with forbidden(), as_role(db, "job_runner"):
        rows(db, "select * from app.users")


# Holds


def test_expired_holds_are_released(
    db: Connection, owner: Person, stranger: Person, held: UUID
) -> None:
    seat = live_seat(db, held)
    hold_slot(db, stranger, make_consultation(db, stranger))
    lapse_hold(db, held)
    assert run(db, "holds:release-expired") == 1
    assert run(db, "holds:release-expired") == 0
    row = one(db, "select * from app.appointments where id = %(id)s", id=seat["id"])
    assert (row["status"], row["cancel_reason"]) == ("CANCELED", "EXPIRED")
    assert status(db, "consultations", held) == "DETAILS_SUBMITTED"
    assert seat["start_at"] in free_slots(db, owner)
    assert_healthy(db)


def test_a_payment_under_way_keeps_its_consultation_waiting(
    db: Connection, held: UUID, payment: UUID
) -> None:
    lapse_hold(db, held)
    assert run(db, "holds:release-expired") == 1
    assert status(db, "consultations", held) == "PAYMENT_INITIATED"
    assert status(db, "payments", payment) == "PENDING"
    assert_healthy(db)


def test_confirmed_seats_are_never_swept(
    db: Connection, owner: Person, doctor: Person
) -> None:
    assert doctor.db_role == "app_doctor"
    consultation_id = make_scheduled(db, owner)
    assert run(db, "holds:release-expired") == 0
    assert live_seat(db, consultation_id)["status"] == "CONFIRMED"


@pytest.mark.usefixtures("owner")
def test_holds_are_released_a_batch_at_a_time(db: Connection) -> None:
    for _ in range(3):
        make_doctor(db)
    for _ in range(3):
        person = make_user(db)
        hold_slot(db, person, make_consultation(db, person))
    changed(db, "update app.appointments set hold_expires_at = clock_timestamp()")
    query = "select app.release_expired_holds(2)"
    assert [value(db, query) for _ in range(3)] == [2, 1, 0]
    assert some_slots(db, 1)


def test_a_hold_that_somebody_works_on_is_left_for_the_next_run(
    fresh_db: Database,
) -> None:
    with fresh_db.connect(autocommit=True) as conn, fresh_db.connect() as other:
        make_doctor(conn)
        make_doctor(conn)
        consultations = []
        for _ in range(2):
            person = make_user(conn)
            consultations.append(make_consultation(conn, person))
            hold_slot(conn, person, consultations[-1])
        changed(conn, "update app.appointments set hold_expires_at = now()")
        query = "select from app.consultations where id = %(id)s for no key update"
        other.execute(query, {"id": consultations[0]})
        assert run(conn, "holds:release-expired") == 1
        assert status(conn, "consultations", consultations[0]) == "SLOT_HELD"
        other.rollback()
        assert run(conn, "holds:release-expired") == 1
        assert_healthy(conn)


# Consultations


def expire(db: Connection, consultation_id: UUID) -> None:
    """Let the 48 hours of a consultation pass."""
    statement = """
        update app.consultations set expires_at = clock_timestamp()
        where id = %(id)s and expires_at is not null
    """
    assert changed(db, statement, id=consultation_id) == 1


@pytest.mark.parametrize("with_details", [False, True])
def test_what_was_left_lying_expires_and_is_hidden(
    db: Connection, owner: Person, with_details: bool
) -> None:
    left = make_consultation(db, owner, with_details=with_details)
    fresh = make_consultation(db, owner)
    expire(db, left)
    assert run(db, "consultations:expire") == 1
    assert run(db, "consultations:expire") == 0
    row = one(db, "select * from app.consultations where id = %(id)s", id=left)
    assert (row["status"], row["deleted_at"] is None) == ("EXPIRED", False)
    assert actions(db, left)[-1] == "CONSULTATION_EXPIRED"
    assert status(db, "consultations", fresh) == "DETAILS_SUBMITTED"
    assert_healthy(db)


def test_what_a_gateway_ever_knew_of_is_not_hidden(
    db: Connection, owner: Person, held: UUID, payment: UUID
) -> None:
    settle(db, payment, "NOT_PAID")
    expire(db, held)
    assert run(db, "consultations:expire") == 1
    row = one(db, "select * from app.consultations")
    assert (row["status"], row["deleted_at"]) == ("EXPIRED", None)
    assert owner.user_id == row["user_id"]


def test_states_that_wait_for_something_else_never_expire(
    db: Connection, held: UUID, payment: UUID
) -> None:
    query = "select expires_at from app.consultations where id = %(id)s"
    assert value(db, query, id=held) is None
    settle(db, payment)
    assert value(db, query, id=held) is None


def test_the_clock_starts_anew_on_coming_back(
    db: Connection, owner: Person, held: UUID
) -> None:
    call(db, owner, "api.release_hold", consultation_id=held)
    query = """
        select expires_at - clock_timestamp() > interval '47 hours 59 minutes'
        from app.consultations
    """
    assert value(db, query)


# Payments


def test_an_attempt_that_was_never_sent_expires(
    db: Connection, owner: Person, held: UUID
) -> None:
    attempt = ask(
        db, "sidecar.begin_payment", owner, consultation_id=held, provider="MOCK"
    )["payment_id"]
    assert run(db, "payments:expire-unsent") == 0
    changed(db, "update app.payments set created_at = now() - interval '61 minutes'")
    lapse_hold(db, held)
    run(db, "holds:release-expired")
    assert run(db, "payments:expire-unsent") == 1
    assert status(db, "payments", attempt) == "EXPIRED"
    assert_healthy(db)


def test_an_attempt_at_the_bank_is_reconciliations_business(
    db: Connection, payment: UUID
) -> None:
    changed(db, "update app.payments set created_at = now() - interval '9 days'")
    assert run(db, "payments:expire-unsent") == 0
    assert status(db, "payments", payment) == "PENDING"


# Pruning


def test_dead_sessions_are_forgotten_after_a_day(
    db: Connection, owner: Person, stranger: Person
) -> None:
    dead = {sign_in(db, owner.user_id).session_id for _ in range(2)}
    young = sign_in(db, owner.user_id).session_id
    revoked, expired = dead
    statement = """
        update app.sessions set {} = clock_timestamp() - {}::interval where id = %(id)s
    """
    changed(db, statement.format("revoked_at", "'25 hours'"), id=revoked)
    changed(db, statement.format("expires_at", "'25 hours'"), id=expired)
    changed(db, statement.format("revoked_at", "'23 hours'"), id=young)
    assert run(db, "sessions:prune") == 2
    left = {row["id"] for row in rows(db, "select id from app.sessions")}
    assert left == {owner.session_id, stranger.session_id, young}
    query = "select count(*) from app.refresh_tokens where session_id = any(%(ids)s)"
    assert value(db, query, ids=list(dead)) == 0


def test_old_sign_in_attempts_are_forgotten(db: Connection) -> None:
    for ip in ("192.0.2.1", "192.0.2.2"):
        ask(db, "sidecar.begin_sign_in", mobile="09121234567", ip=ip)
    # The trigger-less table lets updated_at be set.
    changed(
        db,
        """
        update app.sign_in_attempts
        set updated_at = clock_timestamp() - interval '61 minutes' where ip = %(ip)s
        """,
        ip="192.0.2.1",
    )
    assert run(db, "sign-in-attempts:prune") == 1
    assert one(db, "select ip from app.sign_in_attempts")["ip"] == "192.0.2.2"


def test_the_history_of_jobs_is_kept_for_a_month(db: Connection) -> None:
    for days in (32, 31, 29):
        changed(
            db,
            """
            insert into app.job_runs (job_name, started_at, ended_at)
            values ('sessions:prune', now() - make_interval(days => %(days)s), now())
            """,
            days=days,
        )
    assert run(db, "jobs:prune-history") == 2
    assert value(db, "select count(*) from app.job_runs") == 1


def test_the_latest_run_of_a_job_is_never_forgotten(db: Connection) -> None:
    statement = """
        insert into app.job_runs (job_name, started_at, ended_at)
        values ('sessions:prune', now() - interval '99 days', now())
    """
    changed(db, statement)
    assert run(db, "jobs:prune-history") == 0


def test_pruning_never_touches_what_is_alive(db: Connection, owner: Person) -> None:
    make_doctor(db)
    consultation_id = make_consultation(db, owner)
    hold_slot(db, owner, consultation_id)
    start_payment(db, owner, consultation_id)
    names = [row["name"] for row in rows(db, "select name from app.jobs")]
    assert [run(db, name) for name in names] == [0] * len(names)
    assert status(db, "consultations", consultation_id) == "PAYMENT_INITIATED"
