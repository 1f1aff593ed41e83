"""A pet owner who does not give up: what fails for a while is tried again."""

import asyncio
import random
import secrets
import time
from http import HTTPStatus
from typing import Any

import aiohttp
from yarl import URL

from tests.faults.ledger import Ledger
from tests.faults.tally import BREAKS, LONGEST, Reply, Tally
from tests.samples import PNG

_TEXT = "گربه‌ام از دیروز غذا نمی‌خورد و خیلی بی‌حال است."
_JSON = {"Accept": "application/json"}
_PAUSE = 0.2
# A fault is repaired within seconds; whoever tries for so long is stuck.
_PATIENCE = 60.0


class Refused(Exception):  # noqa: N818  # an answer like others
    """The request was refused for good: this journey ends."""


class Owner:
    """One client, with an account and a pet of its own."""

    def __init__(
        self, http: aiohttp.ClientSession, api_url: str, ledger: Ledger, tally: Tally
    ) -> None:
        self._http = http
        self._api = f"{api_url}/api/v1"
        self._ledger = ledger
        self._tally = tally
        self._headers: dict[str, str] = {}
        self._pet_id = ""
        self._starts: list[str] = []

    async def arrive(self, starts: list[str]) -> None:
        """Register, sign in, and add a pet."""
        self._starts = starts
        mobile = f"0939{secrets.randbelow(10**7):07}"
        account = {"mobile": mobile, "password": f"pishi-{secrets.token_hex(4)}1"}
        await self._do("POST", "/auth/register", account | {"name": "لیلا رحیمی"})
        self._ledger.note("person", mobile)
        token = await self._do("POST", "/auth/token", account)
        self._headers = {"Authorization": f"Bearer {token['accessToken']}"}
        pet = await self._do("POST", "/pets", {"type": "CAT", "name": "برفی"})
        self._pet_id = pet["id"]
        self._ledger.note("pet", pet["id"])

    async def play(self) -> None:
        """Play one journey: most pay, some change their mind."""
        body = {"petId": self._pet_id, "type": "SPECIALIST"}
        consultation = await self._do("POST", "/consultations", body)
        self._ledger.note("consultation", consultation["id"])
        path = f"/consultations/{consultation['id']}"
        text = f"{_TEXT} {secrets.token_hex(4)}"
        await self._do("PATCH", f"{path}/details", {"messageText": text})
        self._ledger.note("details", f"{consultation['id']} {text}")
        if random.random() < 0.5:
            await self._attach(path)
        await self._hold(path)
        if random.random() < 0.15:
            await self._cancel(path, consultation["id"])
        else:
            await self._pay(path, consultation["id"])

    async def _attach(self, path: str) -> None:
        """Add a file; who asks twice may be told that the key was used already."""
        body = {"uploadKey": await self._upload(), "purpose": PNG.purpose}
        reply = await self._until_clear("POST", f"{path}/attachments", body)
        if reply.status == HTTPStatus.CREATED:
            self._ledger.note("media", reply.data["id"])
        elif reply.code != "CONFLICT":
            # The store had acknowledged it, so that it must be there.
            self._tally.wrong.append(f"an upload was refused: {reply}")

    async def _upload(self) -> str:
        """Upload a file; a link that a wrong clock has signed is replaced."""
        query = f"category={PNG.category}&ext={PNG.ext}&size={len(PNG.data)}"
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            permit = await self._do("GET", f"/uploads/presign?{query}")
            if await self._put(permit, deadline) == HTTPStatus.OK:
                return str(permit["uploadKey"])
            await asyncio.sleep(_PAUSE)
        raise Refused("upload")

    async def _put(self, permit: Any, deadline: float) -> int:
        """Send the bytes to the store, which may be away for a while."""
        while time.monotonic() < deadline:
            try:
                async with self._http.put(
                    URL(permit["url"], encoded=True),
                    data=PNG.data,
                    headers=permit["headers"],
                ) as answer:
                    if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                        return answer.status
            except BREAKS:
                pass
            await asyncio.sleep(_PAUSE)
        raise Refused("upload")

    async def _hold(self, path: str) -> None:
        for start_at in random.sample(self._starts, 20):
            body = {"startAt": start_at}
            reply = await self._until_clear("POST", f"{path}/hold-slot", body)
            if reply.status == HTTPStatus.OK:
                self._ledger.note("seat", reply.data["appointmentId"])
                return
            if reply.code != "SLOT_FULL":
                break
        raise Refused(path)

    async def _cancel(self, path: str, consultation_id: str) -> None:
        """Cancel; who has tried twice is told that it has been done."""
        reply = await self._until_clear("POST", f"{path}/cancel")
        if reply.code not in {"", "INVALID_STATE"}:
            raise Refused(path)
        self._ledger.note("canceled", consultation_id)

    async def _pay(self, path: str, consultation_id: str) -> None:
        body = {"consultationId": consultation_id}
        payment = await self._do("POST", "/payments/initiate", body)
        self._ledger.note("payment", payment["paymentId"])
        callback = await self._press(payment["redirectUrl"])
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            reply = await self._send("GET", callback, headers=_JSON)
            if isinstance(reply.data, dict) and reply.data["status"] == "VERIFIED":
                self._ledger.note("paid", payment["paymentId"])
                return
            if not reply.is_passing and reply.code:
                break
            await asyncio.sleep(_PAUSE)  # nobody knows yet: reconciliation is at it
        raise Refused(path)

    async def _press(self, page: str) -> str:
        """Press the button of the bank's page, which may be away for a while."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            try:
                async with self._http.post(
                    page, data={"outcome": "paid"}, allow_redirects=False
                ) as answer:
                    if "Location" in answer.headers:
                        return str(answer.headers["Location"])
            except BREAKS:
                pass
            await asyncio.sleep(_PAUSE)
        raise Refused(page)

    async def _do(self, method: str, path: str, body: object = None) -> Any:
        """Send a request until it succeeds, and return its data."""
        reply = await self._until_clear(method, path, body)
        if reply.code:
            raise Refused(f"{method} {path}: {reply.status} {reply.code}")
        return reply.data

    async def _until_clear(self, method: str, path: str, body: object = None) -> Any:
        """Send a request until it is obeyed, or refused for good."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            reply = await self._send(method, self._api + path, json=body)
            if not reply.is_passing or time.monotonic() > deadline:
                return reply
            await asyncio.sleep(_PAUSE)

    async def _send(self, method: str, url: str, **options: Any) -> Reply:
        headers = self._headers | options.pop("headers", {})
        began = time.monotonic()
        try:
            async with (
                asyncio.timeout(LONGEST),
                self._http.request(method, url, headers=headers, **options) as answer,
            ):
                text = await answer.text()
        except BREAKS as error:
            return self._tally.note_broken(error)
        seconds = time.monotonic() - began
        return self._tally.note(f"{method} {url}", answer.status, text, seconds)
