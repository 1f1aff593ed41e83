"""The rules of booking, as the specification words them.

An operation is told here first. It returns the codes of which the database must answer
one, or none: then it must succeed, and the model has changed accordingly.
"""

from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from tests.model.clinic import DAY, WEEK, Clinic, overlap
from tests.model.entities import DEADLINED, Consultation, Seat, Span

Refusals = frozenset[str]
ALLOWED: Refusals = frozenset()
CANCELABLE = ("DRAFT", "DETAILS_SUBMITTED", "SLOT_HELD", "PAYMENT_INITIATED")


def refuse(*codes: str) -> Refusals:
    """Say that one of these codes must be the answer."""
    return frozenset(codes)


class Bookings:
    """All consultations, and what may happen to them."""

    def __init__(self) -> None:
        self.clinic = Clinic()
        self.now = 0
        self.consultations: list[Consultation] = []
        self.news: Counter[str] = Counter()
        self.reports: list[set[UUID]] = []

    def in_state(self, *states: str) -> list[Consultation]:
        """Return the consultations that are in one of the states."""
        return [c for c in self.consultations if c.status in states]

    def enter(self, consultation: Consultation, status: str) -> None:
        """Change the state; drafts and choices of a slot have a deadline."""
        if consultation.status == status:
            return
        consultation.status = status
        ttl = self.clinic.settings.consultation_ttl_hours * 60
        consultation.expires = self.now + ttl if status in DEADLINED else None

    def begin(self, owner: int, id: UUID) -> Consultation:  # noqa: A002
        """Remember a new draft."""
        ttl = self.clinic.settings.consultation_ttl_hours * 60
        number = len(self.consultations)
        consultation = Consultation(number, owner, id, self.now + ttl)
        self.consultations.append(consultation)
        return consultation

    def describe(self, consultation: Consultation) -> Refusals:
        """Submit the details."""
        if consultation.is_deleted:
            return refuse("NOT_FOUND")
        if consultation.status not in ("DRAFT", "DETAILS_SUBMITTED", "SLOT_HELD"):
            return refuse("INVALID_STATE")
        if consultation.status == "DRAFT":
            self.enter(consultation, "DETAILS_SUBMITTED")
        return ALLOWED

    def hold(self, consultation: Consultation, start: int) -> Refusals:
        """Hold a slot, change it, or (PAID) have it confirmed at once."""
        refusals = self._hold_state(consultation)
        seat = consultation.live_seat
        lapsed = seat is not None and seat.has_lapsed(self.now)
        is_same = seat is not None and not lapsed and seat.span[0] == start
        if not (refusals or is_same):
            refusals = self._hold_refusals(consultation, start)
        if refusals:
            return refusals
        if lapsed:
            self.lapse(consultation)
        self.close_stale_attempt(consultation)
        if not is_same:
            self._seat(consultation, start)
        return ALLOWED

    def _hold_state(self, consultation: Consultation) -> Refusals:
        """Say whether the consultation may choose a slot now."""
        attempt = consultation.open_attempt
        if consultation.is_deleted:
            return refuse("NOT_FOUND")
        if attempt and not attempt.is_stale(self.now):
            return refuse("PAYMENT_IN_PROGRESS")
        if consultation.status not in ("DETAILS_SUBMITTED", "SLOT_HELD", "PAID"):
            return refuse("INVALID_STATE")
        return ALLOWED

    def _hold_refusals(self, consultation: Consultation, start: int) -> Refusals:
        """Say what is against this slot for this consultation."""
        span = self.clinic.offered(start)
        if span is None:
            return refuse("SLOT_NOT_OFFERED")
        codes = set(self.seat_refusals(span))
        if consultation.status != "PAID" and self._holds_too_much(consultation):
            codes.add("TOO_MANY_HOLDS")
        return frozenset(codes)

    def seat_refusals(self, span: Span) -> Refusals:
        """Say whether there is no seat; expired holds count as free."""
        taken = [seat.span for seat in self.occupying()]
        codes = set()
        if any(span != other and overlap(span, other) for other in taken):
            codes.add("SLOT_NOT_OFFERED")
        if taken.count(span) >= len(self.clinic.available(span)):
            codes.add("SLOT_FULL")
        return frozenset(codes)

    def calendar(self, day: int) -> dict[Span, tuple[int, bool]]:
        """Return each slot's capacity and whether a hold would succeed."""
        return {
            span: (
                len(self.clinic.available(span)),
                self.clinic.offered(span[0]) is not None
                and not self.seat_refusals(span),
            )
            for span in self.clinic.grid(day)
        }

    def occupying(self) -> Iterator[Seat]:
        """Give the seats that nobody else can have."""
        for consultation in self.consultations:
            for seat in consultation.seats:
                if seat.status != "CANCELED" and not seat.has_lapsed(self.now):
                    yield seat

    def _holds_too_much(self, consultation: Consultation) -> bool:
        """Tell whether the owner holds enough elsewhere, or let too much run out."""
        settings = self.clinic.settings
        mine = [c for c in self.consultations if c.owner == consultation.owner]
        live = [
            other
            for other in mine
            if other is not consultation
            and (seat := other.live_seat)
            and seat.status == "HELD"
            and not seat.has_lapsed(self.now)
        ]
        since = self.now - settings.cooldown_minutes
        ran_out = [
            seat
            for other in mine
            for seat in other.seats
            if (seat.ran_out or seat.has_lapsed(self.now))
            and not other.is_paid
            and seat.expires is not None
            and since < seat.expires <= self.now
        ]
        return (
            len(live) >= settings.max_live_holds
            or len(ran_out) >= settings.cooldown_after_expired_holds
        )

    def _seat(self, consultation: Consultation, start: int) -> None:
        """Give the consultation this slot; a hold is moved and keeps its end."""
        span = (start, start + self.clinic.settings.slot_minutes)
        seat = consultation.live_seat
        if seat:
            seat.span = span
            return
        seat = Seat(span, self.now + self.clinic.settings.hold_minutes)
        consultation.seats.append(seat)
        if consultation.status == "PAID":
            self.confirm(consultation, seat)
        else:
            self.enter(consultation, "SLOT_HELD")

    def confirm(self, consultation: Consultation, seat: Seat) -> None:
        """Confirm a paid seat, with a doctor if one is free."""
        seat.candidates = self._whose_turn(seat)
        seat.status, seat.expires, seat.assigned_at = "CONFIRMED", None, self.now
        self.enter(consultation, "SCHEDULED")
        self.news["APPOINTMENT_CONFIRMED"] += 1
        if self.clinic.is_closed(seat.span):
            self.report(seat.span)

    def report(self, span: Span, doctor: int | None = None) -> None:
        """Tell the admins what exceeds the capacity in the span, if anything does.

        Args:
            span: in which somebody is away.
            doctor: who is away; None when the clinic is closed.
        """
        confirmed = {
            consultation.id: seat.span
            for consultation in self.consultations
            if (seat := consultation.live_seat) and seat.status == "CONFIRMED"
        }
        spans = Counter(confirmed.values())
        over = {
            id_
            for id_, slot in confirmed.items()
            if overlap(slot, span)
            and not self.clinic.is_past(slot)
            and (doctor is None or spans[slot] > len(self.clinic.available(slot)))
        }
        if over:
            self.reports.append(over)

    def _whose_turn(self, seat: Seat) -> frozenset[int]:
        """Return the free doctors who had the fewest assignments in thirty days."""
        if self.clinic.settings.doctor_assignment == "MANUAL":
            return frozenset()
        given = [
            other
            for consultation in self.consultations
            for other in consultation.seats
            if other.status != "CANCELED" and other.doctor is not None
        ]
        busy = {other.doctor for other in given if overlap(other.span, seat.span)}
        free = self.clinic.available(seat.span) - busy
        recent = Counter(
            other.doctor
            for other in given
            if (other.assigned_at or 0) > self.now - 30 * DAY
        )
        fewest = min((recent[doctor] for doctor in free), default=0)
        return frozenset(doctor for doctor in free if recent[doctor] == fewest)

    def release(self, consultation: Consultation) -> Refusals:
        """Give the hold up; the open attempt becomes CANCELED."""
        return self._give_up(
            consultation, ("SLOT_HELD", "PAYMENT_INITIATED"), "DETAILS_SUBMITTED"
        )

    def cancel(self, consultation: Consultation) -> Refusals:
        """Cancel an unpaid consultation."""
        return self._give_up(consultation, CANCELABLE, "CANCELED")

    def _give_up(
        self, consultation: Consultation, states: tuple[str, ...], status: str
    ) -> Refusals:
        if consultation.is_deleted:
            return refuse("NOT_FOUND")
        if consultation.status not in states:
            return refuse("INVALID_STATE")
        self.cancel_open_attempt(consultation)
        consultation.give_up_seat()
        self.enter(consultation, status)
        return ALLOWED

    def lapse(self, consultation: Consultation) -> None:
        """Release an expired hold; only the bank decides what is being paid."""
        consultation.give_up_seat(ran_out=True)
        if consultation.status == "SLOT_HELD":
            self.enter(consultation, "DETAILS_SUBMITTED")

    def cancel_open_attempt(self, consultation: Consultation) -> None:
        """Close the attempt that is under way, for now."""
        if attempt := consultation.open_attempt:
            attempt.status = "CANCELED"

    def close_stale_attempt(self, consultation: Consultation) -> None:
        """Close an attempt that a crash left without an authority."""
        attempt = consultation.open_attempt
        if attempt and attempt.is_stale(self.now):
            attempt.status = "FAILED"

    def pass_week(self) -> None:
        """Let a week go by."""
        self.now += WEEK
        self.clinic.today += 7
