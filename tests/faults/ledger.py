"""What the system has acknowledged, and whether all of it is still there.

A write counts from the moment its answer said so. The ledger is kept by the clients, in
another process than everything that is killed.
"""

from collections import defaultdict
from collections.abc import Mapping
from types import MappingProxyType

from tests.support.database import Connection, rows

# For each kind of write: the ids for which the database still says what was answered.
_KEPT: Mapping[str, str] = MappingProxyType(
    {
        "person": "select mobile as id from app.users where mobile = any(%(ids)s)",
        "pet": "select id::text from app.pets where id::text = any(%(ids)s)",
        "consultation": """
            select id::text from app.consultations where id::text = any(%(ids)s)
        """,
        "details": """
            select id || ' ' || message_text as id from app.consultations
            where id || ' ' || message_text = any(%(ids)s)
        """,
        "media": "select id::text from app.media where id::text = any(%(ids)s)",
        "seat": "select id::text from app.appointments where id::text = any(%(ids)s)",
        "payment": "select id::text from app.payments where id::text = any(%(ids)s)",
        "paid": """
            select p.id::text from app.payments p
            where p.id::text = any(%(ids)s) and p.status = 'VERIFIED'
        """,
        "canceled": """
            select id::text from app.consultations
            where id::text = any(%(ids)s) and status = 'CANCELED'
        """,
    }
)


class Ledger:
    """All acknowledged writes, by kind."""

    def __init__(self) -> None:
        self._acknowledged: dict[str, set[str]] = defaultdict(set)

    def __len__(self) -> int:
        return sum(len(ids) for ids in self._acknowledged.values())

    def note(self, kind: str, identity: str) -> None:
        """Note a write that has just been acknowledged."""
        self._acknowledged[kind].add(identity)

    def noted(self, kind: str) -> list[str]:
        """Return what was acknowledged of a kind."""
        return list(self._acknowledged[kind])

    def lost(self, database: Connection) -> dict[str, set[str]]:
        """Return what was acknowledged before now and is not so, by kind."""
        lost = {}
        for kind, noted in list(self._acknowledged.items()):
            ids = noted.copy()  # it goes on growing
            kept = {row["id"] for row in rows(database, _KEPT[kind], ids=list(ids))}
            if ids - kept:
                lost[kind] = ids - kept
        return lost
