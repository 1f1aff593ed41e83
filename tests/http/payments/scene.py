"""Steps and questions that the tests of payments share. Time moves in the data."""

import asyncio
from dataclasses import dataclass
from typing import Any

from dotenv import dotenv_values

from api_extensions.db import Database
from api_extensions.payments.reconcile import Reconciler
from api_extensions.payments.refund import Refunder
from api_extensions.payments.registry import build_gateways
from api_extensions.payments.settle import Settler
from api_extensions.settings import Settings
from stack.background import System
from tests.support.api import (
    Api,
    described_consultation,
    free_starts,
    started_payment,
)
from tests.support.database import Connection, changed, one, rows, value


@dataclass(frozen=True)
class Attempt:
    """Somebody on the way to the bank."""

    consultation_id: str
    payment_id: str
    authority: str
    page: str


def begin(owner: Api, database: Connection) -> Attempt:
    """Hold a slot and go as far as the bank's page."""
    consultation_id, payment = started_payment(owner)
    return attempt_of(database, consultation_id, payment)


def begin_again(owner: Api, database: Connection, consultation_id: str) -> Attempt:
    """Pay once more for a consultation that holds a slot."""
    body = {"consultationId": consultation_id}
    payment = owner.call("POST", "/payments/initiate", body).data
    return attempt_of(database, consultation_id, payment)


def attempt_of(
    database: Connection, consultation_id: str, payment: dict[str, Any]
) -> Attempt:
    """Read what `initiate` answered, and the authority with it."""
    query = "select authority from app.payments where id = %(id)s"
    authority = value(database, query, id=payment["paymentId"])
    return Attempt(
        consultation_id, payment["paymentId"], authority, payment["redirectUrl"]
    )


def hold(owner: Api, consultation_id: str, start_at: str | None = None) -> Any:
    """Hold a slot, the first that is free by default."""
    path = f"/consultations/{consultation_id}/hold-slot"
    start_at = start_at or free_starts(owner)[0]
    return owner.call("POST", path, {"startAt": start_at})


def seen(owner: Api, consultation_id: str) -> Any:
    """Look at a consultation as its owner."""
    return owner.call("GET", f"/consultations/{consultation_id}").data


def payment_status(database: Connection, attempt: Attempt) -> str:
    """Return how an attempt stands."""
    query = "select status from app.payments where id = %(id)s"
    return str(value(database, query, id=attempt.payment_id))


def make_due(database: Connection) -> None:
    """Let the time come to ask about everything that is to be asked about again."""
    changed(
        database,
        "update app.payments set next_inquiry_at = clock_timestamp()"
        " where next_inquiry_at is not null",
    )


def end_leases(database: Connection) -> None:
    """Let the leases of dead settlers run out."""
    for table in ("payments", "refunds"):
        changed(
            database,
            f"update app.{table} set settle_until = clock_timestamp()"
            " where settle_until is not null",
        )


def lapse_hold(database: Connection, consultation_id: str) -> None:
    """Let the hold run out, and be swept."""
    changed(
        database,
        "update app.appointments set hold_expires_at = clock_timestamp()"
        " where consultation_id = %(id)s and status = 'HELD'",
        id=consultation_id,
    )
    rows(database, "select app.release_expired_holds()")


def lapse_payment(database: Connection, attempt: Attempt) -> None:
    """Let the attempt's deadline pass."""
    changed(
        database,
        "update app.payments set expires_at = clock_timestamp() where id = %(id)s",
        id=attempt.payment_id,
    )


def lose_slot(database: Connection, owner: Api, attempt: Attempt, rivals: Api) -> None:
    """Let the hold run out, and fill the slot with other people's paid seats."""
    start_at = seen(owner, attempt.consultation_id)["appointment"]["startAt"]
    lapse_hold(database, attempt.consultation_id)
    fill_slot(database, rivals, start_at)


def fill_slot(database: Connection, rivals: Api, start_at: str) -> None:
    """Occupy every seat of a slot."""
    changed(database, "update app.system_config set max_live_holds = 20")
    while hold(rivals, described_consultation(rivals), start_at).code != "SLOT_FULL":
        pass


def news(database: Connection, kind: str, payment_id: str) -> list[str]:
    """Return to whom notifications of a type about a payment went."""
    query = (
        "select target_role from app.notifications"
        " where type = %(kind)s and payload ->> 'payment_id' = %(id)s"
    )
    found = rows(database, query, kind=kind, id=payment_id)
    return sorted(row["target_role"] for row in found)


def messages(database: Connection, consultation_id: str) -> list[str]:
    """Return the events of the SMS that were queued about a consultation."""
    query = (
        "select event from app.sms_messages where subject in ("
        " select id::text from app.appointments where consultation_id = %(id)s"
        " union all"
        " select id::text from app.payments where consultation_id = %(id)s)"
    )
    return [row["event"] for row in rows(database, query, id=consultation_id)]


def refund_of(database: Connection, payment_id: str) -> dict[str, Any]:
    """Return a payment's refund."""
    query = "select * from app.refunds where payment_id = %(id)s"
    return one(database, query, id=payment_id)


def assert_healthy(database: Connection) -> None:
    """Assert that no guarantee is violated anywhere."""
    violations = rows(database, "select * from app.invariants()")
    assert not violations, violations


def sidecar_environment(system: System) -> dict[str, str]:
    """Return the environment of the running sidecar."""
    values = dotenv_values(system.run_dir / "sidecar.env")
    return {name: text for name, text in values.items() if text is not None}


def reconcile(system: System, replicas: int = 1) -> None:
    """Do a round of reconciliation, in as many sidecars at once."""
    asyncio.run(_reconcile(sidecar_environment(system), replicas))


async def _reconcile(environment: dict[str, str], replicas: int) -> None:
    values: dict[str, Any] = {
        name.lower(): text
        for name, text in environment.items()
        if name.lower() in Settings.model_fields
    }
    settings = Settings(**values)
    database = Database(settings)
    await database.open()
    every = [build_gateways(settings, database) for _ in range(replicas)]
    try:
        await asyncio.gather(
            *(
                Reconciler(
                    database,
                    gateways,
                    Settler(database, gateways),
                    Refunder(database, gateways),
                    interval=settings.reconcile_interval,
                ).reconcile()
                for gateways in every
            )
        )
    finally:
        for gateways in every:
            await gateways.close()
        await database.close()


def read_lists_again(database: Connection) -> None:
    """Let the time come to read the gateway's list of unverified payments again."""
    changed(database, "delete from app.unverified_lists")


def leave_lists_alone(database: Connection) -> None:
    """Have the gateway's list just read: what is on it is not asked about besides."""
    statement = """
        insert into app.unverified_lists (provider, read_at)
        values ('ZARINPAL', clock_timestamp())
        on conflict (provider) do update set read_at = excluded.read_at
    """
    assert changed(database, statement) == 1
