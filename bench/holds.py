"""Holding slots over HTTP: requests with owners who may, and seats that are free."""

import functools
import json
import random
from collections.abc import Iterator
from datetime import datetime
from itertools import cycle, islice

from bench.load import request
from bench.stage import DOCTORS, Clinic, Owner

# So many slots fill up at a time, as those of the next weeks do in life: every fourth
# hold is a slot's first.
SPREAD = 250
# The last slots of the year, which nobody else takes.
RESERVED = 8


@functools.cache
def holds_of(clinic: Clinic) -> "Holds":
    """Return the clinic's supply: there is one, so that no seat is given twice."""
    return Holds(clinic)


class Holds:
    """An endless supply of holds in slots all over the year, each by another owner."""

    def __init__(self, clinic: Clinic) -> None:
        self._clinic = clinic
        self._supply = self._endless()

    def take(self, count: int, *, in_contract: bool = False) -> list[bytes]:
        """Return requests that all succeed, through /rest/v1 or /api/v1."""
        make = _contract if in_contract else _rest
        return [make(*pair) for pair in self.pairs(count)]

    def pairs(self, count: int) -> list[tuple[Owner, datetime]]:
        """Return owners, and the slot that each may hold."""
        return list(islice(self._supply, count))

    def _endless(self) -> Iterator[tuple[Owner, datetime]]:
        starts = self._clinic.starts()[:-RESERVED]
        chance = random.Random(len(starts))  # noqa: S311  # the same every time
        for place in cycle(range(0, len(starts), SPREAD)):
            slots = starts[place : place + SPREAD]
            self._clinic.run(_GIVEN_UP, slots)  # when all have been held before
            seats = slots * DOCTORS
            chance.shuffle(seats)
            yield from zip(self._clinic.owners(len(seats)), seats, strict=True)


_GIVEN_UP = """
update app.appointments set status = 'CANCELED', cancel_reason = 'RELEASED'
where status = 'HELD' and start_at = any (%s)
"""


def _rest(owner: Owner, start_at: datetime) -> bytes:
    body = {
        "consultation_id": str(owner.consultation_id),
        "start_at": start_at.isoformat(),
    }
    path = "/rest/v1/rpc/hold_slot"
    return request("POST", path, owner.token, json.dumps(body).encode())


def _contract(owner: Owner, start_at: datetime) -> bytes:
    path = f"/api/v1/consultations/{owner.consultation_id}/hold-slot"
    body = json.dumps({"startAt": start_at.isoformat()}).encode()
    return request("POST", path, owner.token, body)
