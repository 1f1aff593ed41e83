"""What owners do: describe, hold, change their mind, give up, and look."""

from datetime import datetime

from hypothesis import strategies as st

from tests.model.booking import CANCELABLE
from tests.model.clinic import CLOSED_DAY, OPEN_DAYS
from tests.model.entities import Consultation
from tests.model.machine import Machine
from tests.model.model import Model
from tests.model.steps import step
from tests.model.system import OWNERS

MOST = 8
NEVER_OFFERED = (-4, CLOSED_DAY, 200)  # days from today: past, closed, too far

days = st.sampled_from(OPEN_DAYS)
# Few slots, so that people meet; now and then one beyond the last of the day.
indexes = st.sampled_from([0, 0, 0, 1, 1, 8])


def ready(model: Model) -> list[Consultation]:
    """Return the consultations that may choose a slot."""
    return model.in_state("DETAILS_SUBMITTED", "SLOT_HELD", "PAID")


class OwnerSteps(Machine):
    """Steps of owners who are not at the bank."""

    @step(2, owner=st.integers(0, OWNERS - 1))
    def begin(self, owner: int) -> None:
        """Begin another consultation, until there are enough."""
        if len(self.model.consultations) < MOST:
            self.model.begin(owner, self.system.begin(owner))

    @step(4, ready, day=days, index=indexes)
    def choose(self, it: Consultation, day: int, index: int) -> None:
        """Hold a slot, or another one, or the same again."""
        self.hold(it, self.model.clinic.start_of(day, index))

    @step(
        2,
        lambda model: model.in_state("SLOT_HELD", "PAYMENT_INITIATED"),
        for_good=st.sampled_from([False, False, True]),
    )
    def change_ones_mind(self, it: Consultation, for_good: bool) -> None:
        """Release the hold or cancel the consultation, also while paying."""
        if for_good:
            self.cancel(it)
        else:
            self.release(it)

    @step(1, lambda model: model.consultations, day=st.sampled_from(NEVER_OFFERED))
    def insist(self, it: Consultation, day: int) -> None:
        """Try one thing after the other, whatever the state.

        The slots are of a day that is not offered, or begin a minute too late.
        """
        self.describe(it)
        self.begin_payment(it)
        self.hold(it, self.model.clinic.start_of(day, 0))
        self.hold(it, self.model.clinic.start_of(OPEN_DAYS[0], 0) + 1)
        if it.status not in CANCELABLE:
            self.release(it)
            self.cancel(it)

    @step(2, day=days)
    def look(self, day: int) -> None:
        """Read the list of slots: it promises what a hold would keep."""
        listed = {}
        for slot in self.system.availability(day):
            start, end = (
                self.system.time.minute(datetime.fromisoformat(slot[name]))
                for name in ("start_at", "end_at")
            )
            is_free = not slot["is_full"] and slot["unavailable_reason"] is None
            listed[start, end] = (slot["capacity"], is_free)
        assert listed == self.model.calendar(day)
