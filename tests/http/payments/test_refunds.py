"""Money that goes back: once, never more than was paid, and in the audit log."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from stack.background import System
from tests.http.payments.bank import Bank, come_back
from tests.http.payments.scene import (
    Attempt,
    assert_healthy,
    begin,
    end_leases,
    lose_slot,
    news,
    reconcile,
    refund_of,
    seen,
)
from tests.support.api import Answer, Api
from tests.support.database import Connection, changed, rows
from tests.support.waiting import wait_until


@pytest.fixture
def paid(owner: Api, bank: Bank, database: Connection) -> Attempt:
    """A paid consultation with its confirmed seat."""
    attempt = begin(owner, database)
    assert come_back(bank.press(attempt.page)) == "VERIFIED"
    return attempt


def refund(admin: Api, attempt: Attempt, **body: object) -> Answer:
    """Press the admin's button."""
    path = f"/admin/payments/{attempt.payment_id}/refund"
    return admin.call("POST", path, body or None)


def actions(database: Connection, attempt: Attempt) -> list[tuple[str, bool]]:
    """Return what was audited about the refund, and whether an admin did it."""
    query = (
        "select l.action, l.actor_user_id is not null as by_admin from app.audit_log l"
        " join app.refunds r on r.id = l.entity_id where r.payment_id = %(id)s"
        " order by l.created_at"
    )
    found = rows(database, query, id=attempt.payment_id)
    return [(row["action"], row["by_admin"]) for row in found]


def test_inside_the_window_the_bank_reverses_and_the_seat_is_free(
    owner: Api, admin: Api, bank: Bank, database: Connection, paid: Attempt
) -> None:
    answer = refund(admin, paid)
    assert (answer.data["status"], answer.data["amountToman"]) == ("REVERSED", 280_000)
    assert answer.data["reason"] == "ADMIN_CANCELED"
    assert bank.status(paid.authority) == "REVERSED"
    after = seen(owner, paid.consultation_id)
    assert (after["status"], after["appointment"]) == ("CANCELED", None)
    assert actions(database, paid) == [("REFUND_DUE", True), ("REFUND_REVERSED", True)]
    assert news(database, "REFUNDED", paid.payment_id) == ["USER"]
    assert_healthy(database)


def test_after_the_window_it_is_due_until_an_admin_gives_the_transfers_reference(
    admin: Api, bank: Bank, database: Connection, paid: Attempt
) -> None:
    bank.age(paid.authority, 31 * 60)
    late = refund(admin, paid)
    assert (late.data["status"], late.data["gatewayCode"]) == ("DUE", -63)
    done = refund(admin, paid, reference="PAYA-140509-0042")
    assert (done.data["status"], done.data["reference"]) == (
        "TRANSFERRED",
        "PAYA-140509-0042",
    )
    assert bank.status(paid.authority) == "VERIFIED"
    assert actions(database, paid) == [
        ("REFUND_DUE", True),
        ("REFUND_TRANSFERRED", True),
    ]
    assert_healthy(database)


def test_the_bank_is_not_asked_when_the_window_is_surely_over(
    admin: Api, bank: Bank, database: Connection, paid: Attempt
) -> None:
    database.execute(
        "update app.payments set paid_at = paid_at - interval '31 minutes'"
        " where id = %s",
        [paid.payment_id],
    )
    assert refund(admin, paid).data["status"] == "DUE"
    assert bank.calls("reverse", paid.authority) == []


def test_two_refunds_at_once_are_one(
    admin: Api, bank: Bank, database: Connection, paid: Attempt
) -> None:
    bank.fault("reverse", "slow", authority=paid.authority, value=0.5)
    with ThreadPoolExecutor(4) as admins:
        answers = list(admins.map(lambda _: refund(admin, paid), range(4)))
    assert {answer.data["status"] for answer in answers} == {"REVERSED"}
    assert len({answer.data["refundId"] for answer in answers}) == 1
    assert len(bank.calls("reverse", paid.authority)) == 1
    assert len(actions(database, paid)) == 2


def test_a_refund_again_changes_nothing(
    admin: Api, bank: Bank, database: Connection, paid: Attempt
) -> None:
    first = refund(admin, paid)
    assert refund(admin, paid).data == first.data
    by_hand = refund(admin, paid, reference="PAYA-1")
    assert (by_hand.status, by_hand.code) == (409, "INVALID_STATE")
    assert len(bank.calls("reverse", paid.authority)) == 1
    assert refund_of(database, paid.payment_id)["reference"] is None


@pytest.mark.parametrize("amount", [0, -1, 280_001])
def test_never_more_than_was_paid(
    owner: Api, admin: Api, database: Connection, paid: Attempt, amount: int
) -> None:
    answer = refund(admin, paid, amountToman=amount, reference="PAYA-1")
    assert (answer.status, answer.code) == (422, "VALIDATION_FAILED")
    assert list(answer.error["details"]["fields"]) == ["amountToman"]
    query = "select * from app.refunds where payment_id = %(id)s"
    assert rows(database, query, id=paid.payment_id) == []
    assert seen(owner, paid.consultation_id)["status"] == "SCHEDULED"


@pytest.mark.parametrize("amount", [10**30, -(10**30), True, "1000", 1000.5])
def test_what_is_no_amount_gives_nothing_back(
    owner: Api, admin: Api, paid: Attempt, amount: object
) -> None:
    answer = refund(admin, paid, amountToman=amount)
    assert (answer.status, answer.code) == (422, "VALIDATION_FAILED")
    assert list(answer.error["details"]["fields"]) == ["amountToman"]
    assert seen(owner, paid.consultation_id)["status"] == "SCHEDULED"


def test_a_reference_that_shows_nothing_gives_nothing_back(
    owner: Api, admin: Api, paid: Attempt
) -> None:
    answer = refund(admin, paid, reference="\u200e")
    assert (answer.status, answer.code) == (422, "VALIDATION_FAILED")
    assert list(answer.error["details"]["fields"]) == ["reference"]
    assert seen(owner, paid.consultation_id)["status"] == "SCHEDULED"


def test_a_part_is_transferred_by_hand(
    admin: Api, bank: Bank, database: Connection, paid: Attempt
) -> None:
    answer = refund(admin, paid, amountToman=100_000, reference="PAYA-2")
    assert (answer.data["status"], answer.data["amountToman"]) == (
        "TRANSFERRED",
        100_000,
    )
    assert bank.calls("reverse", paid.authority) == []
    assert_healthy(database)


@pytest.mark.parametrize("kind", ["timeout-after", "drop-after"])
def test_a_reversal_whose_answer_was_lost_is_found_out(
    admin: Api, bank: Bank, paid: Attempt, kind: str
) -> None:
    bank.fault("reverse", kind, authority=paid.authority)
    assert refund(admin, paid).data["status"] == "REVERSED"
    assert len(bank.calls("reverse", paid.authority)) == 1


def test_while_it_is_in_doubt_nothing_is_transferred_by_hand(
    system: System, admin: Api, bank: Bank, database: Connection, paid: Attempt
) -> None:
    """A settler died after the bank had reversed: nobody knows, until the bank says."""
    refund_by_one_who_dies(database, bank, paid)
    bank.fault("inquiry", "server-error", authority=paid.authority)
    by_hand = refund(admin, paid, reference="PAYA-3")
    assert (by_hand.status, by_hand.code) == (502, "GATEWAY_UNAVAILABLE")
    reconcile(system)
    assert refund_of(database, paid.payment_id)["status"] == "REVERSED"
    assert bank.status(paid.authority) == "REVERSED"


def test_a_bank_that_was_never_asked_to_reverse_leaves_no_doubt(
    admin: Api, bank: Bank, paid: Attempt
) -> None:
    """It did not even say where the money is, so that it was asked for nothing."""
    bank.fault("inquiry", "server-error", authority=paid.authority)
    assert refund(admin, paid).code == "GATEWAY_UNAVAILABLE"
    assert bank.calls("reverse", paid.authority) == []
    bank.fault("inquiry", "server-error", authority=paid.authority)
    by_hand = refund(admin, paid, reference="PAYA-4")
    assert by_hand.data["status"] == "TRANSFERRED"


def test_no_transfer_is_asked_for_while_the_bank_will_be_asked_again(
    system: System, admin: Api, bank: Bank, paid: Attempt
) -> None:
    """DUE would make an admin transfer what goes back by itself a minute later."""
    bank.fault("inquiry", "server-error", authority=paid.authority)
    answer = refund(admin, paid)
    assert (answer.status, answer.code) == (502, "GATEWAY_UNAVAILABLE")
    reconcile(system)
    assert bank.status(paid.authority) == "REVERSED"
    assert refund(admin, paid).data["status"] == "REVERSED"


def test_a_doubt_is_resolved_after_the_window_as_well(
    system: System, admin: Api, bank: Bank, database: Connection, paid: Attempt
) -> None:
    """Left as it was, somebody would transfer what has gone back already."""
    refund_by_one_who_dies(database, bank, paid)
    end_window(database, paid)
    reconcile(system)
    assert refund_of(database, paid.payment_id)["status"] == "REVERSED"
    assert refund(admin, paid).data["status"] == "REVERSED"


def test_a_doubt_ends_after_the_window_when_the_bank_has_the_money_still(
    system: System, admin: Api, bank: Bank, database: Connection, paid: Attempt
) -> None:
    bank.fault("reverse", "timeout-before", authority=paid.authority)
    bank.fault("inquiry", "slow", authority=paid.authority)
    bank.fault("inquiry", "server-error", authority=paid.authority)
    assert refund(admin, paid).code == "GATEWAY_UNAVAILABLE"
    end_window(database, paid)
    for _ in range(2):
        reconcile(system)
    assert len(bank.calls("inquiry", paid.authority)) == 3  # no more than needed
    assert refund(admin, paid).data["status"] == "DUE"
    bank.fault("inquiry", "server-error", authority=paid.authority)
    assert refund(admin, paid, reference="PAYA-5").data["status"] == "TRANSFERRED"


def test_a_refusal_counts_only_while_the_bank_says_that_it_has_the_money(
    system: System, admin: Api, bank: Bank, database: Connection, paid: Attempt
) -> None:
    """Somebody reversed it in the bank's panel: -61 is said of that as well."""
    bank.fault("reverse", "code", authority=paid.authority, value=-61)
    bank.fault("inquiry", "slow", authority=paid.authority)
    bank.fault("inquiry", "server-error", authority=paid.authority)
    assert refund(admin, paid).code == "GATEWAY_UNAVAILABLE"
    bank.reverse(bank.sessions()[paid.authority]["merchant_id"], paid.authority)
    bank.fault("inquiry", "server-error", authority=paid.authority)
    by_hand = refund(admin, paid, reference="PAYA-6")
    assert (by_hand.status, by_hand.code) == (502, "GATEWAY_UNAVAILABLE")
    reconcile(system)
    assert refund_of(database, paid.payment_id)["status"] == "REVERSED"


def test_an_earlier_refusal_does_not_hide_a_doubt(
    system: System, admin: Api, bank: Bank, database: Connection, paid: Attempt
) -> None:
    """Refused for our address, which an admin then registers and tries again."""
    bank.fault("reverse", "code", authority=paid.authority, value=-62)
    assert refund(admin, paid).data["gatewayCode"] == -62
    bank.fault("reverse", "drop-after", authority=paid.authority)
    bank.fault("inquiry", "slow", authority=paid.authority)
    bank.fault("inquiry", "server-error", authority=paid.authority, count=2)
    assert refund(admin, paid).code == "GATEWAY_UNAVAILABLE"
    assert refund(admin, paid, reference="PAYA-7").code == "GATEWAY_UNAVAILABLE"
    reconcile(system)
    assert refund_of(database, paid.payment_id)["status"] == "REVERSED"


def test_a_transfer_is_noted_with_its_amount_whatever_is_asked_for_meanwhile(
    admin: Api, bank: Bank, database: Connection, paid: Attempt
) -> None:
    bank.fault("inquiry", "slow", authority=paid.authority, value=1)
    with ThreadPoolExecutor(1) as pool:
        body = {"amountToman": 100_000, "reference": "PAYA-8"}
        noted = pool.submit(refund, admin, paid, **body)
        wait_until(lambda: bool(bank.calls("inquiry", paid.authority)))
        refund(admin, paid, amountToman=50_000)
        assert noted.result().data["amountToman"] == 100_000
    assert refund_of(database, paid.payment_id)["amount_toman"] == 100_000


def end_window(database: Connection, paid: Attempt) -> None:
    """Let the half hour pass in which the bank reverses."""
    late = "update app.payments set paid_at = paid_at - interval '31 minutes'"
    changed(database, f"{late} where id = %(id)s", id=paid.payment_id)


def refund_by_one_who_dies(database: Connection, bank: Bank, paid: Attempt) -> None:
    """Take the lease, have the bank reverse, and never record it."""
    database.execute(
        "insert into app.refunds (payment_id, payment_amount_toman, amount_toman,"
        " reason) values (%s, 280000, 280000, 'SURPLUS')",
        [paid.payment_id],
    )
    query = "select * from sidecar.begin_refund(%(id)s, '1 minute', false)"
    assert rows(database, query, id=paid.payment_id)[0]["action"] == "ask"
    merchant_id = bank.sessions()[paid.authority]["merchant_id"]
    bank.reverse(merchant_id, paid.authority)
    end_leases(database)


def test_what_is_not_verified_is_not_refunded(
    owner: Api, admin: Api, database: Connection
) -> None:
    attempt = begin(owner, database)
    answer = refund(admin, attempt)
    assert (answer.status, answer.code) == (409, "INVALID_STATE")


def test_money_that_waits_for_a_slot_may_go_back_instead(
    owner: Api, stranger: Api, admin: Api, bank: Bank, database: Connection
) -> None:
    attempt = begin(owner, database)
    lose_slot(database, owner, attempt, stranger)
    assert come_back(bank.press(attempt.page)) == "VERIFIED"
    assert refund(admin, attempt).data["status"] == "REVERSED"
    assert seen(owner, attempt.consultation_id)["status"] == "CANCELED"
    assert_healthy(database)


def test_a_refused_reversal_is_left_to_an_admin(
    system: System, admin: Api, bank: Bank, paid: Attempt
) -> None:
    bank.fault("reverse", "code", authority=paid.authority, value=-62)
    answer = refund(admin, paid)
    assert (answer.data["status"], answer.data["gatewayCode"]) == ("DUE", -62)
    reconcile(system)
    assert len(bank.calls("reverse", paid.authority)) == 1


def test_an_unknown_field_is_named(admin: Api, paid: Attempt) -> None:
    answer = refund(admin, paid, amount=5)
    assert list(answer.error["details"]["fields"]) == ["amount"]
