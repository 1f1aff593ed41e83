"""Searches read what they show, or some thousand rows to find it, and never a table."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from db.tools.scratch import ScratchServer
from tests.db.api.searching import search
from tests.support.bulk import load_history
from tests.support.database import Connection, Database, rows, value
from tests.support.factories import (
    make_admin,
    make_consultation,
    make_doctor,
    make_user,
)
from tests.support.roles import Person, as_person

pytestmark = pytest.mark.once

BIG = 40_000
# What app.few gathers at most, for two filters and once more; and what a page needs.
MANY, PAGE = 15_500, 600
THE_DOCTOR = "the id of the clinic's doctor"
READ = """
    select relname, seq_scan, seq_tup_read + coalesce(idx_tup_fetch, 0) as tuples
    from pg_stat_xact_user_tables
    where schemaname = 'app' and relname in ('consultations', 'payments', 'users',
        'pets', 'appointments')
"""


@dataclass(frozen=True)
class Clinic:
    """A clinic with a history, and its admin's connection, logged in as PostgREST."""

    web: Connection
    admin: Person
    doctor: Person
    doctor_id: UUID

    def read(
        self, function: str, person: Person | None = None, **filters: Any
    ) -> tuple[int, int]:
        """Search; return how many rows came and the most that a table was read of."""
        who = person or self.admin
        if filters.get("doctor_id") == THE_DOCTOR:
            filters["doctor_id"] = self.doctor_id
        with self.reading() as most:
            shown = search(self.web, who, function, max_rows=101, **filters)
        return len(shown), most[0]

    def ask(self, person: Person, query: str) -> tuple[int, int]:
        """Ask as PostgREST does for a GET; return what `read` does."""
        with self.reading() as most, as_person(self.web, person):
            shown = rows(self.web, query)
        return len(shown), most[0]

    @contextmanager
    def reading(self) -> Iterator[list[int]]:
        """Refuse a scan of a table; give, then, the most that a table was read of."""
        most: list[int] = []
        with self.web.transaction():
            scans, before = self.counted()
            yield most
            scans_then, after = self.counted()
        assert scans_then == scans
        most.append(max((after - before).values()))

    def counted(self) -> tuple[int, Counter[str]]:
        """Count, so far, the scans of whole tables, and the rows read by table."""
        found = rows(self.web, READ)
        tuples = Counter({row["relname"]: row["tuples"] for row in found})
        return sum(row["seq_scan"] for row in found), tuples


@pytest.fixture(scope="module")
def clinic(server: ScratchServer, template: str) -> Iterator[Clinic]:
    """Forty thousand calls of the past, and one person whom nobody is called like."""
    with server.clone(template, "search_plans") as name:
        database = Database(server, name)
        with database.connect(autocommit=True) as conn:
            doctor, *_ = [make_doctor(conn) for _ in range(3)]
            query = "select id from app.doctors where user_id = %(id)s"
            doctor_id = value(conn, query, id=doctor.user_id)
            load_history(conn, BIG, has_doctors=True)
            rare = make_user(conn, "پرویز نادری", "09351234567")
            make_consultation(conn, rare)
            admin = make_admin(conn)
            conn.execute("analyze")
        with database.connect("authenticator", autocommit=True) as web:
            yield Clinic(web, admin, doctor, doctor_id)


RARE = [
    ("consultations", {"name": "پرویز"}, 1),
    ("consultations", {"mobile": "0935 123"}, 1),
    ("consultations", {"status": "DETAILS_SUBMITTED"}, 1),
    ("consultations", {"status": "DRAFT", "name": "سارا", "pet_type": "DOG"}, 0),
    ("consultations", {"pet_type": "OTHER"}, 0),
    ("consultations", {"doctor_id": "018f0000-0000-7000-8000-000000000000"}, 0),
    ("consultations", {"name": "کوروش", "mobile": "0998", "status": "COMPLETED"}, 0),
    ("consultations", {"doctor_id": THE_DOCTOR, "name": "پرویز"}, 0),
    ("consultations", {"from": "2001-01-01", "to": "2001-12-31"}, 0),
    ("payments", {"status": "FAILED"}, 0),
    ("payments", {"status": "VERIFIED", "mobile": "0998 0000 017"}, 1),
    ("payments", {"from": "2001-01-01", "to": "2001-12-31"}, 0),
    ("payments", {"name": "پرویز"}, 0),
    ("users", {"name": "پرویز", "role": "USER"}, 1),
    ("users", {"mobile": "0935 123"}, 1),
    ("users", {"mobile": "0998", "name": "پرویز"}, 0),
    ("users", {"role": "DOCTOR"}, 3),
]
FREQUENT = [
    ("consultations", {}),
    ("consultations", {"from": "2000-01-01", "to": "2026-06-30"}),
    ("consultations", {"status": "COMPLETED"}),
    ("consultations", {"name": "سارا"}),
    ("consultations", {"mobile": "0998"}),
    ("consultations", {"pet_type": "DOG", "status": "COMPLETED", "name": "علی"}),
    ("consultations", {"pet_type": "CAT"}),
    ("consultations", {"doctor_id": THE_DOCTOR}),
    ("consultations", {"doctor_id": THE_DOCTOR, "pet_type": "DOG", "mobile": "0998"}),
    ("payments", {}),
    ("payments", {"status": "VERIFIED"}),
    ("payments", {"mobile": "0998"}),
    ("payments", {"status": "VERIFIED", "mobile": "0998"}),
    ("payments", {"name": "سارا احمدی", "to": "2026-06-30"}),
    ("users", {}),
    ("users", {"mobile": "0998"}),
    ("users", {"role": "USER"}),
    ("users", {"name": "سارا", "role": "USER"}),
]


@pytest.mark.parametrize(("function", "filters", "expected"), RARE)
def test_what_is_rare_is_found_without_looking_at_all(
    clinic: Clinic, function: str, filters: dict[str, Any], expected: int
) -> None:
    found, tuples = clinic.read(function, **filters)
    assert found == expected
    assert tuples <= MANY


@pytest.mark.parametrize(("function", "filters"), FREQUENT)
def test_what_is_frequent_fills_a_page_soon(
    clinic: Clinic, function: str, filters: dict[str, Any]
) -> None:
    found, tuples = clinic.read(function, **filters)
    assert found == 101
    assert tuples <= MANY


def test_the_last_page_costs_what_the_first_does(clinic: Clinic) -> None:
    query = "select min(created_at) + interval '2 days' from api.consultations"
    with clinic.web.transaction(), as_person(clinic.web, clinic.admin):
        before_at = value(clinic.web, query)
    place: dict[str, Any] = {
        "before_at": before_at,
        "before_id": "018f0000-0000-7000-8000-000000000000",
    }
    some: list[dict[str, Any]] = [{}, {"status": "COMPLETED", "mobile": "0998"}]
    for filters in some:
        found, tuples = clinic.read("consultations", **place, **filters)
        assert found > 90
        assert tuples <= (MANY if filters else PAGE)


@pytest.mark.parametrize("filters", [{}, {"status": "COMPLETED", "from": "2026-01-01"}])
def test_a_doctors_page_reads_no_table_whole(
    clinic: Clinic, filters: dict[str, Any]
) -> None:
    found, tuples = clinic.read("doctor_appointments", person=clinic.doctor, **filters)
    assert found == 101
    assert tuples <= PAGE


@pytest.mark.parametrize(
    ("place", "limit"),
    [
        ("order by start_at limit 20", PAGE),
        ("where status = 'COMPLETED' order by start_at desc limit 100", PAGE),
        ("where start_at between now() - interval '7 days' and now()", PAGE),
        ("where id = (select id from api.appointments limit 1)", PAGE),
        # In another order than that of the calls: all of the doctor's own, once.
        ("order by created_at desc limit 20", BIG),
    ],
)
def test_a_doctors_view_looks_up_what_it_shows(
    clinic: Clinic, place: str, limit: int
) -> None:
    found, tuples = clinic.ask(
        clinic.doctor, f"select * from api.doctor_appointments {place}"
    )
    assert 1 <= found <= 120
    assert tuples <= limit


def test_a_look_at_everything_would_be_noticed(clinic: Clinic) -> None:
    """The tests above can fail: this is how a list reads that no index serves."""
    query = "select count(*) from api.admin_users u where u.name like '%پرویز%'"
    with clinic.web.transaction():
        _, before = clinic.counted()
        with as_person(clinic.web, clinic.admin):
            rows(clinic.web, query)
        _, after = clinic.counted()
    assert (after - before)["users"] >= BIG
