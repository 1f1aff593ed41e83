"""What goes wrong between us and a provider, at random, and the same in every run."""

import random
from collections.abc import Mapping
from enum import StrEnum


class Mishap(StrEnum):
    """What happens to one request.

    NONE: it is answered. BUSY: refused for now. LOST: the connection breaks before it
    is read. UNANSWERED: it is obeyed, and the connection breaks before the answer.
    HANGING: it is obeyed, and answered too late. GARBLED: it is obeyed, and a page of
    HTML comes back.
    """

    NONE = "none"
    BUSY = "busy"
    LOST = "lost"
    UNANSWERED = "unanswered"
    HANGING = "hanging"
    GARBLED = "garbled"


class Mishaps:
    """Chooses a mishap for each request."""

    def __init__(
        self, weights: Mapping[Mishap, float] | None = None, seed: int = 1403
    ) -> None:
        """Prepare to choose.

        Args:
            weights: how often each happens; the rest of 1 is Mishap.NONE.
            seed: another one gives another order.
        """
        self._weights = dict(weights or {})
        self._weights[Mishap.NONE] = 1 - sum(self._weights.values())
        # Nothing secret depends on it.
        self._random = random.Random(seed)  # noqa: S311

    def next(self) -> Mishap:
        """Choose."""
        kinds, weights = list(self._weights), list(self._weights.values())
        return self._random.choices(kinds, weights)[0]
