"""How many whole journeys a second, and whether the guarantees hold after them."""

import asyncio
import random
import secrets
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import psycopg

from bench.figures import Figure, Report, exactly
from bench.stage import Stage
from stack.background import System, running_system

OWNERS, JOURNEYS_EACH = 16, 12
# Room for all of them, and few enough doctors that slots do fill up.
DOCTORS = 4
_DETAILS = {"messageText": "گربه‌ام از دیروز غذا نمی‌خورد و خیلی بی‌حال است."}
_JSON = {"Accept": "application/json"}


class Owner:
    """A pet owner who calls the contract by Bearer token."""

    def __init__(self, http: aiohttp.ClientSession, api_url: str) -> None:
        self._http = http
        self._api = f"{api_url}/api/v1"
        self._headers: dict[str, str] = {}
        self._pet_id = ""
        self.refusals: Counter[str] = Counter()

    async def arrive(self) -> None:
        """Register, sign in, add a pet: what is done once in a life."""
        mobile = f"0938{secrets.randbelow(10**7):07}"
        account = {"mobile": mobile, "password": f"pishi-{secrets.token_hex(4)}1"}
        await self.call("POST", "/auth/register", account | {"name": "لیلا رحیمی"})
        token = await self.call("POST", "/auth/token", account)
        self._headers = {"Authorization": f"Bearer {token['accessToken']}"}
        pet = {"type": "CAT", "name": "برفی"}
        self._pet_id = (await self.call("POST", "/pets", pet))["id"]

    async def play(self, starts: list[str]) -> None:
        """Play one journey from the new consultation to the scheduled call."""
        body = {"petId": self._pet_id, "type": "SPECIALIST"}
        consultation = await self.call("POST", "/consultations", body)
        path = f"/consultations/{consultation['id']}"
        await self.call("PATCH", f"{path}/details", _DETAILS)
        await self._hold(path, starts)
        body = {"consultationId": consultation["id"]}
        payment = await self.call("POST", "/payments/initiate", body)
        callback = await self._pay(payment["redirectUrl"])
        async with self._http.get(callback, headers=_JSON) as answer:
            result = (await answer.json())["data"]
        seen = await self.call("GET", path)
        if (result["status"], seen["status"]) != ("VERIFIED", "SCHEDULED"):
            raise AssertionError(f"{path}: {result} {seen}")

    async def call(self, method: str, path: str, body: object = None) -> Any:
        """Call the contract and return `data`; None (counted) for a refusal."""
        async with self._http.request(
            method, self._api + path, json=body, headers=self._headers
        ) as answer:
            envelope = await answer.json()
        if not envelope["ok"]:
            self.refusals[envelope["error"]["code"]] += 1
        return envelope.get("data")

    async def _hold(self, path: str, starts: list[str]) -> None:
        for start_at in random.sample(starts, len(starts)):
            body = {"startAt": start_at}
            if await self.call("POST", f"{path}/hold-slot", body):
                return
        raise AssertionError("No slot is free")

    async def _pay(self, page: str) -> str:
        form = {"outcome": "paid"}
        async with self._http.post(page, data=form, allow_redirects=False) as answer:
            return str(answer.headers["Location"])


def measure(_: Stage) -> Report:
    """Play on a system of its own, which nobody has worked on before."""
    with running_system() as system:
        with psycopg.connect(system.database_url) as connection:
            _hire(connection)
        return asyncio.run(_journeys(system))


async def _journeys(system: System) -> Report:
    """Play the journeys of all owners at once and report."""
    async with aiohttp.ClientSession() as http:
        owners = [Owner(http, system.api_url) for _ in range(OWNERS)]
        for owner in owners:
            await owner.arrive()
        starts = await _starts(owners[0])
        durations: list[float] = []
        began = time.monotonic()
        await asyncio.gather(*(_play(owner, starts, durations) for owner in owners))
        rate = len(durations) / (time.monotonic() - began)
    return _report(system, owners, durations, rate)


async def _play(owner: Owner, starts: list[str], durations: list[float]) -> None:
    for _ in range(JOURNEYS_EACH):
        began = time.monotonic()
        await owner.play(starts)
        durations.append(time.monotonic() - began)


def _hire(connection: psycopg.Connection) -> None:
    # Nobody signs in as them: the hash is of no password.
    connection.execute(
        "select app.create_user('DOCTOR', 'دکتر ' || n, (9370000000 + n)::text,"
        " '$argon2id$v=19$m=8,t=1,p=1$bm9uZQ$bm9uZQ') from generate_series(1, %s) n",
        [DOCTORS],
    )


async def _starts(owner: Owner) -> list[str]:
    first = datetime.now(UTC).date() + timedelta(days=2)
    last = first + timedelta(days=40)
    path = f"/availability?from={first}&to={last}"
    days = (await owner.call("GET", path))["days"]
    return [
        slot["startAt"]
        for day in days
        for slot in day["slots"]
        if not slot["isFull"] and slot["unavailableReason"] is None
    ]


def _report(
    system: System, owners: list[Owner], durations: list[float], rate: float
) -> Report:
    with psycopg.connect(system.database_url) as connection:
        violations = connection.execute("select * from app.invariants()").fetchall()
    refusals = sum((owner.refusals for owner in owners), Counter[str]())
    full = refusals.pop("SLOT_FULL", 0)
    milliseconds = tuple(1000 * seconds for seconds in durations)
    return Report(
        [
            Figure(f"journeys, {len(owners)} owners at once", (rate,), "/s"),
            Figure("one journey", milliseconds, "ms"),
            Figure("slots that were full", (float(full),)),
            Figure("other refusals", (float(refusals.total()),), "", exactly(0)),
            Figure("violated guarantees", (float(len(violations)),), "", exactly(0)),
        ]
    )
