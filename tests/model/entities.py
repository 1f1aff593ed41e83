"""What the model remembers: consultations, their seats, and attempts to pay.

Times are whole minutes. Deadlines are minutes on the model's clock; the start of a slot
counts from midnight of the clinic's day on which the example began.
"""

from dataclasses import dataclass, field
from uuid import UUID

from hypothesis.vendor.pretty import RepresentationPrinter

OPEN = ("INITIATED", "PENDING")
DEADLINED = ("DRAFT", "DETAILS_SUBMITTED")

Span = tuple[int, int]


class Brief:
    """Something that a failing example shows in one line."""

    def _repr_pretty_(self, printer: RepresentationPrinter, _cycle: bool) -> None:
        printer.text(repr(self))


@dataclass(eq=False)
class Seat:
    """One appointment.

    Attributes:
        span: the slot.
        expires: when a hold runs out; None once it is confirmed.
        status: of the appointment.
        ran_out: it ended because it expired, as opposed to being given up.
        candidates: the doctors of whom one must be assigned; None before that.
        doctor: who was.
        assigned_at: when.
    """

    span: Span
    expires: int | None
    status: str = "HELD"
    ran_out: bool = False
    candidates: frozenset[int] | None = None
    doctor: int | None = None
    assigned_at: int | None = None

    def has_lapsed(self, now: int) -> bool:
        """Tell whether it is held beyond its time."""
        return self.status == "HELD" and (self.expires or 0) <= now


@dataclass(eq=False)
class Attempt(Brief):
    """One attempt to pay.

    Attributes:
        id: of the payment.
        nonce: what makes a callback genuine.
        seats: what is paid for: the hold, and what replaced it when it was lost.
        created: when.
        expires: until then the owner may still be typing.
        status: of the payment.
        authority: what the bank calls it; None until the bank was asked.
        bank: what the customer did there.
        lease: who asks the bank about it.
        leased_until: for how long nobody else does.
        has_kept_seat: a payer who came back has kept the seat once.
        refund: why the money goes back.
    """

    id: UUID
    nonce: str
    seats: list[Seat] = field(default_factory=list)
    created: int = 0
    expires: int = 0
    status: str = "INITIATED"
    authority: str | None = None
    bank: str = "UNKNOWN"
    lease: UUID | None = None
    leased_until: int = 0
    has_kept_seat: bool = False
    refund: str | None = None

    def __repr__(self) -> str:
        return f"<attempt {self.status}, bank {self.bank}>"

    def is_stale(self, now: int) -> bool:
        """Tell whether it was left by a crash before the bank answered."""
        return self.status == "INITIATED" and self.created < now


@dataclass(eq=False)
class Consultation(Brief):
    """One consultation with everything that belongs to it."""

    number: int
    owner: int
    id: UUID
    expires: int | None
    status: str = "DRAFT"
    is_deleted: bool = False
    seats: list[Seat] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"<consultation {self.number} of owner {self.owner}: {self.status}>"

    @property
    def live_seat(self) -> Seat | None:
        """The seat that is held or confirmed."""
        return next((s for s in self.seats if s.status in ("HELD", "CONFIRMED")), None)

    @property
    def open_attempt(self) -> Attempt | None:
        """The attempt that is under way."""
        return next((a for a in self.attempts if a.status in OPEN), None)

    @property
    def is_paid(self) -> bool:
        """Whether the bank has proved a payment for it."""
        return any(attempt.status == "VERIFIED" for attempt in self.attempts)

    def give_up_seat(self, *, ran_out: bool = False) -> None:
        """Cancel the hold, if there is one."""
        seat = self.live_seat
        if seat and seat.status == "HELD":
            seat.status, seat.ran_out = "CANCELED", ran_out


@dataclass(frozen=True, eq=False)
class Question(Brief):
    """Somebody has asked the bank, and has not recorded the answer yet."""

    attempt: Attempt
    lease: UUID
    outcome: str
    is_genuine: bool

    def __repr__(self) -> str:
        return f"<answer {self.outcome} for {self.attempt}>"
