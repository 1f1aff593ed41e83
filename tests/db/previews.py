"""Asking what a change would affect."""

from typing import Any

from tests.support.database import Connection, rows
from tests.support.roles import Person, as_person


def preview(
    conn: Connection, person: Person, function: str, **arguments: Any
) -> list[dict[str, Any]]:
    """Call a preview of the api as somebody, as PostgREST does for a GET.

    Returns:
        The affected appointments, in order of time.
    """
    named = ", ".join(f"{name} => %({name})s" for name in arguments)
    with as_person(conn, person):
        return rows(conn, f"select * from api.{function}({named})", **arguments)
