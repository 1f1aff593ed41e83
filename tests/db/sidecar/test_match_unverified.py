"""sidecar.match_unverified and claim_unverified_list: what a gateway holds for us."""

from datetime import timedelta
from uuid import UUID

from tests.db.helpers import ask
from tests.support.database import Connection, changed, rows, value
from tests.support.factories import settle


def match(db: Connection, *authorities: str) -> list[UUID]:
    """Match a list of the mock's."""
    query = "select * from sidecar.match_unverified('MOCK', %(authorities)s)"
    found = rows(db, query, authorities=list(authorities))
    return [row["match_unverified"] for row in found]


def strangers(db: Connection) -> list[str]:
    """Return the authorities that admins were told of."""
    query = """
        select payload ->> 'authority' as authority from app.notifications
        where type = 'UNKNOWN_AUTHORITY' and target_role = 'ADMIN' order by created_at
    """
    return [row["authority"] for row in rows(db, query)]


def test_ours_are_found_and_others_are_shown_once(
    db: Connection, payment: UUID
) -> None:
    query = "select authority from app.payments where id = %(id)s"
    ours = value(db, query, id=payment)
    assert match(db, "S-foreign", ours, "S-foreign") == [payment]
    assert match(db, ours, "S-foreign", "S-other") == [payment]
    assert strangers(db) == ["S-foreign", "S-other"]
    settle(db, payment)
    assert match(db, ours) == []
    assert strangers(db) == ["S-foreign", "S-other"]


def test_an_authority_of_another_gateway_is_not_ours(
    db: Connection, payment: UUID
) -> None:
    changed(db, "update app.payments set provider = 'ZARINPAL'")
    query = "select authority from app.payments where id = %(id)s"
    ours = value(db, query, id=payment)
    assert match(db, ours) == []
    assert strangers(db) == [ours]


def test_a_list_is_read_by_one_of_all_who_ask_within_the_pause(db: Connection) -> None:
    def claim(seconds: int) -> bool:
        pause = timedelta(seconds=seconds)
        answer = ask(db, "sidecar.claim_unverified_list", provider="MOCK", pause=pause)
        claimed: bool = answer["claim_unverified_list"]
        return claimed

    assert [claim(60), claim(60), claim(60)] == [True, False, False]
    assert claim(0)
