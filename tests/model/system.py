"""The real thing: what owners, the sidecar, admins and jobs send to the database.

Every operation is a transaction of its own that is committed, as in life: `now()`
moves, deferred checks and notifications happen, and nothing hides behind an open
transaction. One database serves the whole run. An example begins with a TRUNCATE of
what the last one booked, which is several times faster than a clone for each.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from tests.db.helpers import TEHRAN, configure
from tests.model.clinic import CLOSED_DAY, DOCTORS, Settings
from tests.model.entities import Attempt, Consultation, Question, Span
from tests.model.paying import LEASE
from tests.model.timing import TimeMachine
from tests.support.database import Connection, changed, one, rows, value
from tests.support.factories import MESSAGE, make_doctor, make_pet, make_user
from tests.support.roles import Person

OWNERS = 3
CALLBACK_URL = "http://127.0.0.1/api/v1/payments/callback/zarinpal"
RAW = {"raw_request": "{}", "raw_response": "{}"}

BECOME = """
    select set_config('role', %(role)s, true),
        set_config('request.jwt.claims', %(claims)s, true)
"""
COMPLETE = """
    with completed as (
        update app.appointments set status = 'COMPLETED'
        where consultation_id = %(id)s and status = 'CONFIRMED')
    update app.consultations set status = 'COMPLETED' where id = %(id)s
"""
CANCEL_PAID = """
    with canceled as (
        update app.appointments set status = 'CANCELED'
        where consultation_id = %(id)s and status = 'CONFIRMED'
    ), refunded as (
        insert into app.refunds (payment_id, payment_amount_toman, amount_toman, reason)
        select id, amount_toman, amount_toman, 'ADMIN_CANCELED' from app.payments
        where consultation_id = %(id)s and status = 'VERIFIED'
        on conflict do nothing)
    update app.consultations set status = 'CANCELED' where id = %(id)s
"""


@dataclass(frozen=True)
class Answer:
    """What the database said: a row, or the code of its refusal."""

    row: dict[str, Any]
    code: str | None = None
    details: Any = None


class System:
    """A clinic with a few owners and doctors, and ways to act on it."""

    def __init__(self, conn: Connection, time: TimeMachine) -> None:
        """Make the people, who stay for all examples.

        Args:
            conn: in autocommit mode, of app_owner, who may become anybody.
            time: of the same database.
        """
        self.conn, self.time = conn, time
        self.owners = [make_user(conn) for _ in range(OWNERS)]
        self.pets = [make_pet(conn, owner) for owner in self.owners]
        people = [make_doctor(conn).user_id for _ in range(DOCTORS)]
        query = "select id from app.doctors where user_id = %(id)s"
        self.doctors = [value(conn, query, id=user_id) for user_id in people]

    def forget(self, settings: Settings) -> None:
        """Begin an example: nothing is booked, and the clinic is configured."""
        self.time.forget()
        today = (datetime.now(TEHRAN) + timedelta(days=CLOSED_DAY)).isoweekday()
        self.configure(open_weekdays=[day for day in range(1, 8) if day != today])
        self.configure(**asdict(settings))

    # Owners

    def begin(self, owner: int) -> UUID:
        """Begin a consultation and return its id."""
        arguments = {"pet_id": self.pets[owner]}
        person = self.owners[owner]
        row = self._call(person, "api.create_consultation", arguments)
        found: UUID = row["id"]
        return found

    def act(self, function: str, whose: Consultation, **arguments: Any) -> Answer:
        """Call a function of the api about a consultation, as its owner."""
        return self.act_as(whose.owner, function, whose, **arguments)

    def act_as(
        self, owner: int, function: str, whose: Consultation, **arguments: Any
    ) -> Answer:
        """Call a function of the api about a consultation."""
        person = self.owners[owner]
        arguments["consultation_id"] = whose.id
        return self._answer(lambda: self._call(person, function, arguments))

    def describe(self, consultation: Consultation) -> Answer:
        """Submit the details."""
        return self.act("api.submit_details", consultation, message_text=MESSAGE)

    def hold(self, consultation: Consultation, start: int) -> Answer:
        """Hold a slot."""
        start_at = self.time.moment(start)
        return self.act("api.hold_slot", consultation, start_at=start_at)

    def availability(self, day: int) -> list[dict[str, Any]]:
        """Return the slots of a day, so many days from today, as an owner sees them."""
        date = (self.time.today + timedelta(days=day)).date()
        span = {"from": date, "to": date}
        answer = self._call(self.owners[0], "api.availability", span)
        days = answer["availability"]["days"]
        return list(days[0]["slots"]) if days else []

    # Payment

    def begin_payment(self, consultation: Consultation) -> Answer:
        """Ask for an attempt to pay, as the sidecar does for the owner."""
        arguments = {"consultation_id": consultation.id, "provider": "MOCK"}
        owner = self.owners[consultation.owner]
        return self._answer(
            lambda: self._ask("sidecar.begin_payment", arguments, owner)
        )

    def ask_for_authority(self, attempt: Attempt) -> str:
        """Let the mock bank open a session, and record its authority."""
        arguments = {"amount_toman": 280000, "callback_url": CALLBACK_URL}
        session = self.ask("sidecar.mock_request", attempt, **arguments)
        authority: str = session["mock_request"]
        self.ask("sidecar.record_authority", attempt, authority=authority, **RAW)
        return authority

    def fail_request(self, attempt: Attempt) -> None:
        """Record that the bank gave no authority."""
        self.ask("sidecar.fail_payment_request", attempt, **RAW)

    def pay(self, attempt: Attempt, *, is_paid: bool) -> None:
        """Press a button at the mock bank."""
        self.ask("sidecar.mock_pay", attempt, is_paid=is_paid)

    def is_genuine(self, attempt: Attempt, nonce: str) -> bool:
        """Tell whether a callback with this nonce proves who sent it."""
        query = {"authority": attempt.authority, "nonce": nonce}
        found = self._ask("sidecar.find_payment", query)
        assert found["payment_id"] == attempt.id
        return bool(found["is_genuine"])

    def begin_settlement(self, attempt: Attempt, *, is_genuine: bool) -> dict[str, Any]:
        """Take the lease on an attempt."""
        lease = {"lease": timedelta(minutes=LEASE), "is_genuine": is_genuine}
        return self.ask("sidecar.begin_settlement", attempt, **lease)

    def bank_says(self, attempt: Attempt) -> str:
        """Ask the mock bank whether it was paid."""
        arguments = {"authority": attempt.authority, "amount_toman": 280000}
        answer = self._ask("sidecar.mock_verify", arguments)
        return "PAID" if answer["code"] in (100, 101) else "NOT_PAID"

    def finish_settlement(self, question: Question) -> str:
        """Record the bank's answer and return the payment's status."""
        is_paid = question.outcome == "PAID"
        answer = self.ask(
            "sidecar.finish_settlement",
            question.attempt,
            lease_token=question.lease,
            outcome=question.outcome,
            is_genuine=question.is_genuine,
            ref_id="10000000042" if is_paid else None,
            card_pan="502229******5995" if is_paid else None,
            raw_response="{}",
        )
        return str(answer["finish_settlement"])

    def ask(self, function: str, attempt: Attempt, **arguments: Any) -> dict[str, Any]:
        """Call a function of the sidecar's about an attempt."""
        return self._ask(function, {"payment_id": attempt.id, **arguments})

    # Jobs and admins

    def run_job(self, name: str) -> int:
        """Run a job once, and return how many rows it says that it changed."""
        with self.conn.transaction():
            self.conn.execute("set local role job_runner")
            return int(value(self.conn, "select app.run_job(%(name)s)", name=name))

    def configure(self, **settings: Any) -> None:
        """Change the clinic's settings."""
        configure(self.conn, **settings)

    def switch_doctor(self, doctor: int, way: str, *, is_active: bool) -> None:
        """Switch a doctor on or off, as a doctor or as a person."""
        of_doctors = "id = %(id)s"
        of_users = "id = (select d.user_id from app.doctors d where d.id = %(id)s)"
        condition = of_doctors if way == "doctors" else of_users
        statement = f"update app.{way} set is_active = %(on)s where {condition}"
        arguments = {"on": is_active, "id": self.doctors[doctor]}
        assert changed(self.conn, statement, **arguments) == 1

    def add_absence(self, doctor: int, span: Span) -> None:
        """Give a doctor time off."""
        whom = self.doctors[doctor]
        self._insert_span("doctor_absences", "doctor_id", whom, span)

    def add_closure(self, span: Span) -> None:
        """Close the clinic for a while."""
        self._insert_span("closures", "reason", "تعطیل", span)

    def clear(self, table: str) -> None:
        """Take back all absences or closures."""
        changed(self.conn, f"delete from app.{table}")

    def by_hand(self, statement: str, consultation: Consultation) -> None:
        """Run raw SQL about a consultation as the tables' owner, in one transaction."""
        assert changed(self.conn, statement, id=consultation.id) == 1

    def force_status(self, consultation: Consultation, status: str) -> Answer:
        """Try to change a consultation's status by raw SQL."""
        statement = """
            update app.consultations set status = %(status)s where id = %(id)s
            returning status
        """
        arguments = {"status": status, "id": consultation.id}
        return self._answer(lambda: one(self.conn, statement, **arguments))

    def violations(self) -> list[dict[str, Any]]:
        """Return what is wrong with the database by its own account."""
        return list(rows(self.conn, "select * from app.invariants()"))

    def _insert_span(self, table: str, column: str, of: object, span: Span) -> None:
        statement = f"""
            insert into app.{table} ({column}, start_at, end_at)
            values (%(of)s, %(start)s, %(end)s)
        """
        start, end = (self.time.moment(minute) for minute in span)
        changed(self.conn, statement, of=of, start=start, end=end)

    def _call(
        self, person: Person, function: str, arguments: dict[str, Any]
    ) -> dict[str, Any]:
        """Call a function as a signed-in person, as PostgREST does."""
        with self.conn.transaction():
            self._become(person.db_role, person)
            self.conn.execute("select app.check_request()")
            return self._row(function, arguments)

    def _ask(
        self, function: str, arguments: dict[str, Any], owner: Person | None = None
    ) -> dict[str, Any]:
        """Call a function as the sidecar, for somebody or for the system."""
        with self.conn.transaction():
            self._become("sidecar", owner)
            return self._row(function, arguments)

    def _become(self, role: str, person: Person | None) -> None:
        """Be somebody until the transaction ends, in one statement, for speed."""
        claims = json.dumps(person.claims) if person else ""
        self.conn.execute(BECOME, {"role": role, "claims": claims})

    def _row(self, function: str, arguments: dict[str, Any]) -> dict[str, Any]:
        named = ", ".join(f'"{name}" => %({name})s' for name in arguments)
        return one(self.conn, f"select * from {function}({named})", **arguments)

    def _answer(self, act: Callable[[], dict[str, Any]]) -> Answer:
        """Act, and tell a refusal of ours from an accident, which is a bug."""
        try:
            return Answer(act())
        except psycopg.Error as error:
            if error.sqlstate != "PGRST":
                raise
            body = json.loads(error.diag.message_primary or "")
            details = json.loads(body["details"]) if body["details"] else None
            return Answer({}, body["code"], details)
