"""One owner's way through booking and paying, with everything that may go wrong."""

import random
from dataclasses import dataclass

import httpx

from tests.http.payments.bank import JSON, Bank
from tests.http.payments.scene import (
    Attempt,
    attempt_of,
    hold,
    lapse_hold,
    lapse_payment,
    make_due,
    seen,
)
from tests.support import web
from tests.support.api import Api, described_consultation
from tests.support.database import Connection

# Nothing here is a fault of ours: busy, or the bank is.
_ACCEPTABLE = {200, 302, 303, 404, 409, 422, 429, 502, 503}
_BAD_ANSWERS = (
    *("drop-before", "drop-after", "server-error", "html", "slow"),
    *(-12, -52, -51, -50, -10),
)
_BAD_OPENINGS = ("drop-before", "drop-after", "server-error", "html", -12, -10)
_BAD_RETURNS = ("never", "twice", "forged", "late")


@dataclass
class Journey:
    """A journey, which its seed decides but for the timing.

    Attributes:
        chance: of this journey alone.
        starts: of slots that were free when all began.
    """

    chance: random.Random
    owner: Api
    admin: Api
    bank: Bank
    database: Connection
    starts: list[str]
    consultation_id: str = ""

    def play(self) -> None:
        """Go all the way, or as far as it goes."""
        self.consultation_id = described_consultation(self.owner)
        attempt = None
        for _ in range(self.chance.choice((1, 1, 1, 2, 3))):
            attempt = self._go_to_the_bank() or attempt
            if attempt is None:
                return
            self._break_the_bank(attempt)
            if self.chance.random() < 0.4:
                self._meanwhile(attempt)
            backs = self._pay(attempt)
            if self.chance.random() < 0.2:
                self._meanwhile(attempt)
            self._come_back(backs)
        if attempt:
            self._afterwards(attempt)

    def _go_to_the_bank(self) -> Attempt | None:
        """Hold a slot and begin to pay; None when this owner may not (any more)."""
        for _ in range(12):
            status = seen(self.owner, self.consultation_id)["status"]
            if status == "DETAILS_SUBMITTED":
                hold(self.owner, self.consultation_id, self.chance.choice(self.starts))
            elif status not in {"SLOT_HELD", "PAYMENT_INITIATED"}:
                return None
            elif attempt := self._initiate():
                return attempt
        return None

    def _initiate(self) -> Attempt | None:
        if self.chance.random() < 0.15:
            self._fault("request", self.chance.choice(_BAD_OPENINGS))
        body = {"consultationId": self.consultation_id}
        answer = self.owner.call("POST", "/payments/initiate", body)
        assert answer.status in _ACCEPTABLE, answer
        if not answer.data:
            return None
        return attempt_of(self.database, self.consultation_id, answer.data)

    def _break_the_bank(self, attempt: Attempt) -> None:
        for operation in ("verify", "inquiry", "reverse"):
            for _ in range(self.chance.choice((0, 0, 1, 1, 2))):
                kind = self.chance.choice(_BAD_ANSWERS)
                count = self.chance.randint(1, 4)
                self._fault(operation, kind, attempt.authority, count)
        if self.chance.random() < 0.02:
            kind = self.chance.choice(("timeout-before", "timeout-after"))
            self._fault("verify", kind, attempt.authority)
        if self.chance.random() < 0.4:
            self._fault("callback", self.chance.choice(_BAD_RETURNS), attempt.authority)

    def _fault(
        self,
        operation: str,
        kind: str | int,
        authority: str | None = None,
        count: int = 1,
    ) -> None:
        details = {"authority": authority, "count": count}
        if isinstance(kind, int):
            self.bank.fault(operation, "code", value=kind, **details)
        else:
            self.bank.fault(operation, kind, value=0.05, **details)

    def _meanwhile(self, attempt: Attempt) -> None:
        """Let time pass, or the owner change their mind."""
        path = f"/consultations/{self.consultation_id}"
        match self.chance.choice(("lapse", "expire", "release", "cancel", "rehold")):
            case "lapse":
                lapse_hold(self.database, self.consultation_id)
            case "expire":
                lapse_payment(self.database, attempt)
                make_due(self.database)
            case "release":
                self.owner.call("DELETE", f"{path}/hold-slot")
            case "cancel":
                self.owner.call("POST", f"{path}/cancel")
            case "rehold":
                self.owner.call("DELETE", f"{path}/hold-slot")
                hold(self.owner, self.consultation_id, self.chance.choice(self.starts))

    def _pay(self, attempt: Attempt) -> list[str]:
        """Do what payers do at the bank; return the callbacks that they may visit."""
        way = self.chance.choice(("paid",) * 6 + ("failed", "failed", "away", "lost"))
        if way == "away":
            return []
        if way == "lost":
            self.bank.pay(attempt.authority)
            return []
        answer = web.post(attempt.page, data={"outcome": way}, timeout=60)
        return [answer.headers["Location"]] if "Location" in answer.headers else []

    def _come_back(self, backs: list[str]) -> None:
        for back in backs:
            url = httpx.URL(back)
            visits = [url] * self.chance.choice((0, 1, 1, 1, 2, 3))
            if self.chance.random() < 0.3:
                visits.append(url.copy_merge_params({"Status": "NOK"}))
            if self.chance.random() < 0.3:
                visits.append(url.copy_merge_params({"n": "0" * 64}))
            self.chance.shuffle(visits)
            for visit in visits:
                answer = web.get(visit, headers=JSON, timeout=60)
                assert answer.status_code in _ACCEPTABLE, answer.text

    def _afterwards(self, attempt: Attempt) -> None:
        """Let the owner rebook on lost money, and an admin press a button."""
        if seen(self.owner, self.consultation_id)["status"] == "PAID":
            hold(self.owner, self.consultation_id, self.chance.choice(self.starts))
        button = self.chance.choice(("", "", "", "settle", "settle", "refund"))
        if button:
            path = f"/admin/payments/{attempt.payment_id}/{button}"
            answer = self.admin.call("POST", path)
            assert answer.status in _ACCEPTABLE, answer
