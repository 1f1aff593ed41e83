"""The machine whole, and how long it runs."""

import os

from hypothesis import HealthCheck, Phase, settings

from tests.model.bank_steps import BankSteps
from tests.model.clinic_steps import ClinicSteps
from tests.model.owner_steps import OwnerSteps
from tests.model.system import System

# MODEL_EXAMPLES=1000 runs for long, and differently each time.
EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "0"))
ALWAYS = settings(
    deadline=None,
    database=None,
    print_blob=True,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
EVERY_RUN = settings(ALWAYS, derandomize=True, max_examples=30, stateful_step_count=40)
LONG_RUN = settings(ALWAYS, max_examples=EXAMPLES or 1, stateful_step_count=60)
# Finding something is enough: no time is spent on making it small.
SEARCH = settings(EVERY_RUN, max_examples=60, phases=[Phase.generate])


class Everything(OwnerSteps, BankSteps, ClinicSteps):
    """All steps at once."""


def machine_on(system: System) -> type[Everything]:
    """Return the machine that acts on this system."""
    return type("Machine", (Everything,), {"system": system})
