"""What the clients saw: how many answers of which kind, and what nobody should see."""

import json
from collections import Counter
from dataclasses import dataclass, field

import aiohttp

# What a client may be told while something is broken, and tries again after.
_PASSING = {"UNAVAILABLE", "GATEWAY_UNAVAILABLE", "STORAGE_UNAVAILABLE"}
# nginx gives up on an upstream after 30 seconds; nobody waits longer.
LONGEST = 31.0


@dataclass
class Tally:
    """Counts, over the whole load.

    Attributes:
        answers: by status and code (empty for a success).
        broken: requests whose connection broke or was refused.
        wrong: what no client should ever see, in words.
        slowest: the longest that an answer took, in seconds.
        journeys: how many came to their end.
    """

    answers: Counter[tuple[int, str]] = field(default_factory=Counter)
    broken: int = 0
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0
    journeys: int = 0

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return self.answers.total() + self.broken

    @property
    def refused(self) -> int:
        """How many were refused because something was broken."""
        return sum(n for (_, code), n in self.answers.items() if code in _PASSING)

    def take_wrong(self) -> list[str]:
        """Return what no client should have seen since the last time."""
        wrong, self.wrong = self.wrong, []
        return wrong

    def note(self, what: str, status: int, text: str, seconds: float) -> "Reply":
        """Note an answer, which must be in the envelope and no fault of ours."""
        self.slowest = max(self.slowest, seconds)
        try:
            envelope = json.loads(text)
            code = "" if envelope["ok"] else str(envelope["error"]["code"])
        except (ValueError, TypeError, KeyError):
            envelope, code = {}, "NO_ENVELOPE"
        self.answers[status, code] += 1
        if code in {"INTERNAL", "NO_ENVELOPE"} or seconds > LONGEST:
            self.wrong.append(f"{what}: {status} {code} after {seconds:.1f} s: {text}")
        return Reply(status, code, envelope.get("data"))

    def note_broken(self, error: Exception) -> "Reply":
        """Note a request without an answer: nobody knows whether it was obeyed."""
        self.broken += 1
        if isinstance(error, TimeoutError):
            self.wrong.append(f"no answer for {LONGEST:.0f} s")
        return Reply(0, "BROKEN", None)


@dataclass(frozen=True)
class Reply:
    """An answer: data of a success, code of a refusal; BROKEN stands for none."""

    status: int
    code: str
    data: object

    @property
    def is_passing(self) -> bool:
        """Whether the same request may succeed a moment later."""
        return self.code in _PASSING | {"BROKEN", "RATE_LIMITED"}


BREAKS = (aiohttp.ClientError, TimeoutError, OSError)
