"""Measuring in turns: what disturbs the machine disturbs everybody alike."""

from collections.abc import Callable, Mapping

ROUNDS = 5


def in_turns(
    subjects: Mapping[str, Callable[[], float]], rounds: int = ROUNDS
) -> dict[str, tuple[float, ...]]:
    """Measure A B A B …, after one round that only warms up.

    Returns:
        What each subject gave in each round.
    """
    taken: dict[str, list[float]] = {name: [] for name in subjects}
    for number in range(rounds + 1):
        for name, measure in subjects.items():
            sample = measure()
            if number:
                taken[name].append(sample)
    return {name: tuple(samples) for name, samples in taken.items()}
