"""How much is tried: the same few things each time, or many others."""

import os

from hypothesis import HealthCheck, settings

# Per function and role; `make test-faults` asks for more.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "20"))


def bounded(examples: int = EXAMPLES) -> settings:
    """Return hypothesis' settings for so many examples, however long each takes."""
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize="FUZZ_EXAMPLES" not in os.environ,
        suppress_health_check=list(HealthCheck),
    )
