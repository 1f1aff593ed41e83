"""Reconciliation finds by itself what nobody told, however many sidecars do it."""

import os
import subprocess
import sys

from stack.background import System
from tests.http.payments.bank import Bank
from tests.http.payments.scene import (
    assert_healthy,
    begin,
    lapse_payment,
    make_due,
    messages,
    payment_status,
    read_lists_again,
    reconcile,
    seen,
    sidecar_environment,
)
from tests.support.api import Api
from tests.support.database import Connection, changed, rows
from tests.support.waiting import wait_until


def test_many_sidecars_share_the_work_and_ask_about_each_payment_once(
    system: System, owner: Api, bank: Bank, database: Connection
) -> None:
    changed(database, "update app.system_config set max_live_holds = 20")
    attempts = [begin(owner, database) for _ in range(6)]
    for attempt in attempts:
        bank.pay(attempt.authority)
    make_due(database)
    reconcile(system, replicas=4)
    for attempt in attempts:
        assert payment_status(database, attempt) == "VERIFIED"
        assert len(bank.calls("inquiry", attempt.authority)) == 1
        assert len(bank.calls("verify", attempt.authority)) == 1
    assert_healthy(database)


def test_the_list_of_unverified_payments_is_read_by_one_of_many(
    system: System, bank: Bank, database: Connection
) -> None:
    read_lists_again(database)
    before = len(bank.calls("unVerified"))
    reconcile(system, replicas=4)
    assert len(bank.calls("unVerified")) == before + 1


def test_the_bank_is_asked_before_an_attempt_expires(
    system: System, owner: Api, bank: Bank, database: Connection
) -> None:
    attempt = begin(owner, database)
    lapse_payment(database, attempt)
    bank.fault("inquiry", "server-error", authority=attempt.authority, count=3)
    make_due(database)
    reconcile(system)
    assert payment_status(database, attempt) == "PENDING"
    make_due(database)
    reconcile(system)
    assert payment_status(database, attempt) == "EXPIRED"
    assert seen(owner, attempt.consultation_id)["status"] == "DETAILS_SUBMITTED"


def test_a_payer_who_is_still_typing_is_left_alone(
    system: System, owner: Api, bank: Bank, database: Connection
) -> None:
    attempt = begin(owner, database)
    make_due(database)
    reconcile(system)
    assert payment_status(database, attempt) == "PENDING"
    assert bank.calls("verify", attempt.authority) == []


def test_paid_and_listed_as_unverified_is_found_before_its_own_turn(
    system: System, owner: Api, bank: Bank, database: Connection
) -> None:
    attempt = begin(owner, database)
    changed(
        database,
        "update app.payments set next_inquiry_at = null where id = %(id)s",
        id=attempt.payment_id,
    )
    bank.pay(attempt.authority)
    read_lists_again(database)
    reconcile(system)
    assert payment_status(database, attempt) == "VERIFIED"


def test_an_authority_that_is_not_ours_is_shown_to_admins_once(
    system: System, bank: Bank, database: Connection
) -> None:
    merchant_id = sidecar_environment(system)["ZARINPAL_MERCHANT_ID"]
    authority = bank.open_foreign(merchant_id)
    bank.pay(authority)
    for _ in range(2):
        read_lists_again(database)
        reconcile(system)
    query = (
        "select target_role from app.notifications where type = 'UNKNOWN_AUTHORITY'"
        " and payload ->> 'authority' = %(authority)s"
    )
    told = rows(database, query, authority=authority)
    assert [row["target_role"] for row in told] == ["ADMIN"]
    assert bank.status(authority) == "PAID"


def test_a_worker_finds_a_lost_callback_within_its_interval(
    system: System, owner: Api, bank: Bank, database: Connection
) -> None:
    attempt = begin(owner, database)
    bank.pay(attempt.authority)
    make_due(database)
    environment = dict(os.environ) | sidecar_environment(system)
    worker = subprocess.Popen(
        [sys.executable, "-m", "api_extensions.worker"],
        env=environment | {"RECONCILE_INTERVAL": "1s"},
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: payment_status(database, attempt) == "VERIFIED")
    finally:
        worker.terminate()
        worker.wait()
    assert messages(database, attempt.consultation_id) == ["APPOINTMENT_CONFIRMED"]


def test_an_admin_may_have_the_bank_asked_at_once(
    owner: Api, admin: Api, bank: Bank, database: Connection
) -> None:
    attempt = begin(owner, database)
    bank.pay(attempt.authority)
    path = f"/admin/payments/{attempt.payment_id}/settle"
    answer = admin.call("POST", path)
    assert answer.data["status"] == "VERIFIED"
    assert answer.data["consultationId"] == attempt.consultation_id
    query = (
        "select actor_user_id is not null as is_known from app.audit_log"
        " where action = 'PAYMENT_SETTLEMENT_REQUESTED' and entity_id = %(id)s"
    )
    assert rows(database, query, id=attempt.payment_id) == [{"is_known": True}]


def test_only_admins_may(
    owner: Api, admin: Api, anybody: Api, database: Connection
) -> None:
    attempt = begin(owner, database)
    for button in ("settle", "refund"):
        path = f"/admin/payments/{attempt.payment_id}/{button}"
        assert owner.call("POST", path).code == "FORBIDDEN"
        assert anybody.call("POST", path).code == "UNAUTHENTICATED"
        nothing = "/admin/payments/018f0000-0000-7000-8000-000000000000"
        assert admin.call("POST", f"{nothing}/{button}").code == "NOT_FOUND"
