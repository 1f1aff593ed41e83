"""The model's clinic: its settings, its doctors, and which slots it offers."""

from dataclasses import dataclass, field

from tests.model.entities import Span

DAY = 24 * 60
WEEK = 7 * DAY
# From today on: two days that are tried all the time, and one that is never open. A
# week later the second has become the first.
OPEN_DAYS = (3, 10)
CLOSED_DAY = 5
DOCTORS = 3


def overlap(one: Span, other: Span) -> bool:
    """Tell whether two spans have a moment in common."""
    return one[0] < other[1] and other[0] < one[1]


@dataclass
class Settings:
    """What an admin may configure; the names are the columns of system_config."""

    slot_minutes: int = 30
    start_hour: int = 17
    end_hour: int = 20
    hold_minutes: int = 15
    payment_window_minutes: int = 15
    max_live_holds: int = 2
    cooldown_after_expired_holds: int = 3
    cooldown_minutes: int = 60
    booking_horizon_days: int = 60
    consultation_ttl_hours: int = 48
    doctor_assignment: str = "ROUND_ROBIN"


@dataclass
class Clinic:
    """Who works when.

    Attributes:
        settings: as configured now.
        today: days since the example began.
        idle: doctors who are switched off, by number, and in which of the two ways.
        absences: of doctors, by number.
        closures: of the whole clinic.
    """

    settings: Settings = field(default_factory=Settings)
    today: int = 0
    idle: set[tuple[int, str]] = field(default_factory=set)
    absences: list[tuple[int, Span]] = field(default_factory=list)
    closures: list[Span] = field(default_factory=list)

    def start_of(self, day: int, index: int) -> int:
        """Return where the slot begins, so many days from today."""
        opening = (self.today + day) * DAY + self.settings.start_hour * 60
        return opening + index * self.settings.slot_minutes

    def grid(self, day: int) -> list[Span]:
        """Return the slots of an open day, so many days from today."""
        settings = self.settings
        hours = settings.end_hour - settings.start_hour
        starts = [
            self.start_of(day, index)
            for index in range(hours * 60 // settings.slot_minutes)
        ]
        return [(start, start + settings.slot_minutes) for start in starts]

    def offered(self, start: int) -> Span | None:
        """Return the slot of the grid that begins then, if it may be booked at all."""
        day = start // DAY - self.today
        is_open = (day - CLOSED_DAY) % 7 != 0
        in_time = 0 < day <= self.settings.booking_horizon_days
        if not (is_open and in_time):
            return None
        spans = [span for span in self.grid(day) if span[0] == start]
        return spans[0] if spans and not self.is_closed(spans[0]) else None

    def is_closed(self, span: Span) -> bool:
        """Tell whether the clinic takes no calls in a part of the span."""
        return any(overlap(closure, span) for closure in self.closures)

    def is_past(self, span: Span) -> bool:
        """Tell whether the span has begun; what is tried is always whole days away."""
        return span[0] < self.today * DAY

    def available(self, span: Span) -> set[int]:
        """Return the doctors who can take a call then, by number."""
        away = {doctor for doctor, absence in self.absences if overlap(absence, span)}
        return set(range(DOCTORS)) - away - {doctor for doctor, _ in self.idle}
