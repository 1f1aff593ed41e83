"""Searches read what they show, or some thousand rows to find it, and never a table."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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

BIG = 40_000
# What app.few gathers at most, for two filters and once more; and what a page needs.
MANY, PAGE = 15_500, 500
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

    def read(
        self, function: str, person: Person | None = None, **filters: Any
    ) -> tuple[int, int]:
        """Search; return how many rows came and the most that a table was read of."""
        who = person or self.admin
        with self.web.transaction():
            scans, before = self.counted()
            shown = search(self.web, who, function, max_rows=101, **filters)
            scans_then, after = self.counted()
        assert scans_then == scans
        return len(shown), max((after - before).values())

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
            load_history(conn, BIG, has_doctors=True)
            rare = make_user(conn, "پرویز نادری", "09351234567")
            make_consultation(conn, rare)
            admin = make_admin(conn)
            conn.execute("analyze")
        with database.connect("authenticator", autocommit=True) as web:
            yield Clinic(web, admin, doctor)


RARE = [
    ("consultations", {"name": "پرویز"}, 1),
    ("consultations", {"mobile": "0935 123"}, 1),
    ("consultations", {"status": "DETAILS_SUBMITTED"}, 1),
    ("consultations", {"status": "DRAFT", "name": "سارا", "pet_type": "DOG"}, 0),
    ("consultations", {"pet_type": "OTHER"}, 0),
    ("consultations", {"doctor_id": "018f0000-0000-7000-8000-000000000000"}, 0),
    ("consultations", {"name": "کوروش", "mobile": "0998", "status": "COMPLETED"}, 0),
    ("payments", {"status": "FAILED"}, 0),
    ("payments", {"name": "پرویز"}, 0),
    ("users", {"name": "پرویز", "role": "USER"}, 1),
    ("users", {"role": "DOCTOR"}, 3),
]
FREQUENT = [
    ("consultations", {}),
    ("consultations", {"from": "2000-01-01", "to": "2026-06-30"}),
    ("consultations", {"status": "COMPLETED"}),
    ("consultations", {"name": "سارا"}),
    ("consultations", {"mobile": "0998"}),
    ("consultations", {"pet_type": "DOG", "status": "COMPLETED", "name": "علی"}),
    ("payments", {}),
    ("payments", {"status": "VERIFIED", "mobile": "0998"}),
    ("payments", {"name": "سارا احمدی", "to": "2026-06-30"}),
    ("users", {}),
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


def test_a_look_at_everything_would_be_noticed(clinic: Clinic) -> None:
    """The tests above can fail: this is how a list reads that no index serves."""
    query = "select count(*) from api.admin_users u where u.name like '%پرویز%'"
    with clinic.web.transaction():
        _, before = clinic.counted()
        with as_person(clinic.web, clinic.admin):
            rows(clinic.web, query)
        _, after = clinic.counted()
    assert (after - before)["users"] >= BIG
