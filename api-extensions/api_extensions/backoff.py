"""How long to wait before the next try."""

import random

# Spreads retries only; nothing secret depends on it.
_spread = random.Random()  # noqa: S311


def delay(attempt: int, *, base: float, cap: float) -> float:
    """Give the pause after a failed try: exponential, with jitter.

    Between half and all of `base * 2 ** (attempt - 1)`, so that those who failed
    together don't return together.

    Args:
        attempt: how many tries have failed, from 1.
        base: the first pause in seconds.
        cap: the longest pause in seconds.

    Returns:
        Seconds.
    """
    # Past 2 ** 32 every pause has met its cap; the bound keeps the number a float.
    ceiling = min(cap, base * 2.0 ** min(attempt - 1, 32))
    return _spread.uniform(ceiling / 2, ceiling)
