"""What the tests of searches share."""

from typing import Any
from uuid import UUID

from tests.support.database import Connection, rows
from tests.support.roles import Person, as_person


def search(
    conn: Connection, person: Person, function: str, **filters: Any
) -> list[dict[str, Any]]:
    """Call `api.search_<function>` and return its rows."""
    named = ", ".join(f'"{name}" => %({name})s' for name in filters)
    with as_person(conn, person):
        return rows(conn, f"select * from api.search_{function}({named})", **filters)


def found(
    conn: Connection, person: Person, function: str, **filters: Any
) -> list[UUID]:
    """Search, and return the ids alone."""
    return [row["id"] for row in search(conn, person, function, **filters)]


def walked(
    conn: Connection, person: Person, function: str, size: int, **filters: Any
) -> list[UUID]:
    """Go through a list page by page, as the gateway does, and return all ids."""
    ids: list[UUID] = []
    place: dict[str, Any] = {}
    while page := search(conn, person, function, max_rows=size, **place, **filters):
        ids += [row["id"] for row in page]
        place = {"before_at": page[-1]["created_at"], "before_id": page[-1]["id"]}
    return ids
