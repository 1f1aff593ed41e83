"""Measuring in turns: what disturbs the machine disturbs everybody alike."""

from collections.abc import Callable, Mapping

ROUNDS = 5


def in_turns(
    subjects: Mapping[str, Callable[[], float]],
    rounds: int = ROUNDS,
    *,
    warm_ups: int = 1,
) -> dict[str, tuple[float, ...]]:
    """Measure A B A B …, after rounds that only warm up.

    Returns:
        What each subject gave in each round.
    """
    taken: dict[str, list[float]] = {name: [] for name in subjects}
    for number in range(-warm_ups, rounds):
        for name, measure in subjects.items():
            sample = measure()
            if number >= 0:
                taken[name].append(sample)
    return {name: tuple(samples) for name, samples in taken.items()}
