"""Nobody waits for ever: the time-outs of db/roles.sql reach every request."""

from http import HTTPStatus

from tests.support.api import Api, described_consultation, free_starts
from tests.support.database import Connection


def test_who_waits_too_long_for_a_lock_is_told_to_try_again(
    owner: Api, database: Connection
) -> None:
    consultation_id = described_consultation(owner)
    body = {"startAt": free_starts(owner)[0]}
    path = f"/consultations/{consultation_id}/hold-slot"
    with database.transaction():
        database.execute(
            "select from app.consultations where id = %s for update", [consultation_id]
        )
        refused = owner.call("POST", path, body)
    accepted = owner.call("POST", path, body)

    assert (refused.status, refused.code) == (503, "UNAVAILABLE")
    assert accepted.status == HTTPStatus.OK
