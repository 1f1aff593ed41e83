"""Random interleavings of everything that may happen, against the model."""

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.model.everything import EVERY_RUN, EXAMPLES, LONG_RUN, machine_on
from tests.model.system import System


@pytest.mark.timeout(0 if EXAMPLES else 600)
def test_the_database_does_what_the_model_says(system: System) -> None:
    """The guarantees hold after every step, too, in the database's own opinion."""
    profile = LONG_RUN if EXAMPLES else EVERY_RUN
    run_state_machine_as_test(machine_on(system), settings=profile)
