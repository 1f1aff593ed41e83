"""A sidecar that is killed with -9 in the middle of `settle` loses nothing.

It dies at every point in turn; then its lease ends and reconciliation comes round.
"""

import signal

import httpx
import pytest

from api_extensions.payments.faults import FaultPoint
from stack.background import System
from tests.http.payments.bank import Bank
from tests.http.payments.scene import (
    Attempt,
    assert_healthy,
    begin,
    end_leases,
    lapse_payment,
    lose_slot,
    make_due,
    messages,
    payment_status,
    reconcile,
    refund_of,
    seen,
)
from tests.http.payments.sidecars import another_sidecar, at
from tests.support import web
from tests.support.api import Api
from tests.support.database import Connection

# What a payment must end in, exactly one of them: how the story went before.
_STORIES = [(point, "confirmed") for point in FaultPoint] + [
    (FaultPoint.LEASE_TAKEN, "waiting"),
    (FaultPoint.AFTER_VERIFY, "waiting"),
    (FaultPoint.AFTER_VERIFY, "refund"),
    (FaultPoint.RECORD_UNCOMMITTED, "refund"),
    (FaultPoint.LEASE_TAKEN, "unpaid"),
    (FaultPoint.RECORD_UNCOMMITTED, "unpaid"),
]


@pytest.mark.parametrize(("point", "ending"), _STORIES)
def test_killed_at_any_point_a_payment_ends_in_exactly_one_way(
    system: System,
    owner: Api,
    stranger: Api,
    admin: Api,
    bank: Bank,
    *,
    database: Connection,
    point: FaultPoint,
    ending: str,
) -> None:
    attempt = begin(owner, database)
    if ending == "waiting":
        lose_slot(database, owner, attempt, stranger)
    elif ending == "refund":
        owner.call("POST", f"/consultations/{attempt.consultation_id}/cancel")
    back = bank.press(attempt.page, "failed" if ending == "unpaid" else "paid")
    with another_sidecar(system, SETTLE_FAULT=point) as (url, process):
        with pytest.raises(httpx.TransportError):
            settle_at(url, admin, attempt, back, point)
        assert process.wait(10) == -signal.SIGKILL
    lapse_payment(database, attempt)
    end_leases(database)
    make_due(database)
    reconcile(system)
    assert how_it_ended(owner, bank, database, attempt) == ending
    assert_healthy(database)


def settle_at(
    url: str, admin: Api, attempt: Attempt, back: str, point: FaultPoint
) -> None:
    """Have this sidecar settle: by the callback, or where only a sweep comes past."""
    if point is FaultPoint.BEFORE_INQUIRY:
        path = f"{url}/api/v1/admin/payments/{attempt.payment_id}/settle"
        token = {"Authorization": f"Bearer {admin.access_token}"}
        web.post(path, headers=token, timeout=20)
    else:
        web.get(at(url, back), timeout=20)


def how_it_ended(owner: Api, bank: Bank, database: Connection, attempt: Attempt) -> str:
    """Tell the one ending that all books agree on; anything else is a failure."""
    consultation = seen(owner, attempt.consultation_id)
    sent = messages(database, attempt.consultation_id)
    ours, theirs = payment_status(database, attempt), bank.status(attempt.authority)
    match (consultation["status"], ours, theirs, sent):
        case ("SCHEDULED", "VERIFIED", "VERIFIED", ["APPOINTMENT_CONFIRMED"]):
            assert consultation["appointment"]["status"] == "CONFIRMED"
            return "confirmed"
        case ("PAID", "VERIFIED", "VERIFIED", ["SLOT_LOST"]):
            assert consultation["appointment"] is None
            return "waiting"
        case ("CANCELED", "VERIFIED", "REVERSED", []):
            assert refund_of(database, attempt.payment_id)["status"] == "REVERSED"
            return "refund"
        case ("DETAILS_SUBMITTED", "FAILED" | "EXPIRED", "FAILED", []):
            return "unpaid"
    raise AssertionError((consultation, ours, theirs, sent))
