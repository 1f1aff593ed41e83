"""The SMS provider of a fault run: its mood can change while it serves."""

from collections.abc import Mapping

from fakes.mishaps import Mishap, Mishaps


class Moods(Mishaps):
    """Mishaps that are chosen anew from now on, whenever the test says so."""

    def turn(self, weights: Mapping[Mishap, float]) -> None:
        """Let these happen so often from now on; nothing is back to normal."""
        self._weights = dict(weights)
        self._weights[Mishap.NONE] = 1 - sum(weights.values())
