"""One slot that everybody wants: as many winners as seats, and an answer for all."""

import json

from bench.figures import Figure, Report, exactly
from bench.holds import RESERVED
from bench.load import Load, request, send
from bench.stage import Stage

CLIENTS, ROUNDS = 64, 5
HTTP_OK, CONFLICT = 200, 409
_DOCTORS = "select count(*) from app.active_doctors"


def measure(stage: Stage) -> Report:
    """Let 64 people ask for the same slot at once, five times, each time another."""
    clinic = stage.system
    ((capacity,),) = clinic.run(_DOCTORS)
    starts = clinic.starts()[-RESERVED:][:ROUNDS]
    winners, losers, others, slowest = [], [], [], []
    for start_at in starts:
        messages = [
            request(
                "POST",
                f"/api/v1/consultations/{owner.consultation_id}/hold-slot",
                owner.token,
                json.dumps({"startAt": start_at.isoformat()}).encode(),
            )
            for owner in clinic.owners(CLIENTS)
        ]
        outcome = send(Load(clinic.api_url, messages, CLIENTS))
        winners.append(float(outcome.statuses.pop(HTTP_OK, 0)))
        losers.append(float(outcome.statuses.pop(CONFLICT, 0)))
        others.append(float(outcome.statuses.total()))
        slowest.append(outcome.milliseconds(1))
    seats = float(str(capacity))
    return Report(
        [
            Figure("seats of the slot", (seats,)),
            Figure("winners", tuple(winners), "", exactly(seats)),
            Figure("losers (409)", tuple(losers), "", exactly(CLIENTS - seats)),
            Figure("other answers", tuple(others), "", exactly(0)),
            Figure("slowest answer", tuple(slowest), "ms"),
        ]
    )
