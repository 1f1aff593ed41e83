"""The rules of payment: attempts, settlement, late truth, and where the money ends."""

from uuid import UUID

from tests.model.booking import ALLOWED, Bookings, Refusals, refuse
from tests.model.entities import OPEN, Attempt, Consultation, Question, Seat

USABLE = ("DETAILS_SUBMITTED", "SLOT_HELD", "PAYMENT_INITIATED")
LEASE = 5  # minutes


class Payments(Bookings):
    """Bookings that are paid for."""

    def __init__(self) -> None:
        super().__init__()
        self.questions: list[Question] = []

    @property
    def attempts(self) -> list[Attempt]:
        """All attempts of all consultations."""
        return [a for c in self.consultations for a in c.attempts]

    def owner_of(self, attempt: Attempt) -> Consultation:
        """Return the consultation that is paid for."""
        return next(c for c in self.consultations if attempt in c.attempts)

    def begin_payment(self, consultation: Consultation) -> Refusals:
        """Ask for the open attempt or a new one, which needs a live hold."""
        if consultation.is_deleted:
            return refuse("NOT_FOUND")
        if consultation.status not in ("SLOT_HELD", "PAYMENT_INITIATED"):
            return refuse("INVALID_STATE")
        seat = consultation.live_seat
        if seat is None or seat.has_lapsed(self.now):
            return refuse("INVALID_STATE")
        if self.current_attempt(consultation):
            return ALLOWED
        self.close_stale_attempt(consultation)
        return ALLOWED

    def current_attempt(self, consultation: Consultation) -> Attempt | None:
        """Return the open attempt, unless a crash left it."""
        attempt = consultation.open_attempt
        return None if attempt is None or attempt.is_stale(self.now) else attempt

    def add_attempt(self, consultation: Consultation, attempt: Attempt) -> None:
        """Remember a new attempt, for which the hold is extended once."""
        seat = consultation.live_seat
        assert seat is not None
        assert seat.expires is not None
        if all(seat not in other.seats for other in consultation.attempts):
            window = self.clinic.settings.payment_window_minutes
            seat.expires = max(seat.expires, self.now + window)
        attempt.seats.append(seat)
        attempt.created, attempt.expires = self.now, seat.expires
        consultation.attempts.append(attempt)

    def record_authority(self, attempt: Attempt, authority: str) -> None:
        """Remember what the bank calls it, even when it was given up meanwhile."""
        consultation = self.owner_of(attempt)
        attempt.authority, attempt.bank = authority, "IN_BANK"
        if attempt.status == "INITIATED":
            attempt.status = "PENDING"
            if consultation.status == "SLOT_HELD":
                self.enter(consultation, "PAYMENT_INITIATED")

    def fail_request(self, attempt: Attempt) -> None:
        """The bank gave no authority: the hold stays."""
        if attempt.status == "INITIATED":
            attempt.status = "FAILED"

    def ask(self, attempt: Attempt) -> str:
        """Say what the first transaction of a settlement must answer."""
        if attempt.status == "VERIFIED":
            return "settled"
        if attempt.authority is None:
            return "unasked"
        return "busy" if attempt.leased_until > self.now else "ask"

    def lease(self, attempt: Attempt, lease: UUID, *, is_genuine: bool) -> None:
        """Remember who asks the bank; a payer who came back keeps the seat."""
        attempt.lease, attempt.leased_until = lease, self.now + LEASE
        if is_genuine and attempt.status == "PENDING" and not attempt.has_kept_seat:
            self._keep_seat(attempt)

    def _keep_seat(self, attempt: Attempt) -> None:
        """Keep the seat while the bank is asked, or take it back; once."""
        consultation = self.owner_of(attempt)
        until = self.now + LEASE
        seat = consultation.live_seat or self._retake(consultation, attempt)
        if seat and (seat.expires or 0) < until:
            seat.expires, attempt.has_kept_seat = until, True
            if consultation.status == "DETAILS_SUBMITTED":
                self.enter(consultation, "SLOT_HELD")

    def answer(self, question: Question) -> None:
        """Record what the bank said: PAID is the truth, whoever brings it."""
        attempt = question.attempt
        if attempt.status == "VERIFIED":
            return
        if question.outcome == "PAID":
            self._record_paid(attempt)
        elif attempt.lease == question.lease:
            attempt.leased_until = self.now
            may_close = question.is_genuine or attempt.expires <= self.now
            if question.outcome == "NOT_PAID" and attempt.status in OPEN and may_close:
                self._close(attempt, ran_out=not question.is_genuine)

    def _close(self, attempt: Attempt, *, ran_out: bool) -> None:
        """Nobody paid: the seat is free, and the owner may choose again."""
        consultation = self.owner_of(attempt)
        attempt.status = "EXPIRED" if ran_out else "FAILED"
        consultation.give_up_seat(ran_out=ran_out)
        if consultation.status in ("SLOT_HELD", "PAYMENT_INITIATED"):
            self.enter(consultation, "DETAILS_SUBMITTED")

    def _record_paid(self, attempt: Attempt) -> None:
        """Put the money to its use: a seat, a choice of slot, or a refund."""
        consultation = self.owner_of(attempt)
        attempt.status, attempt.leased_until = "VERIFIED", self.now
        if consultation.is_deleted or consultation.status not in USABLE:
            paid = ("PAID", "SCHEDULED", "COMPLETED")
            is_surplus = consultation.status in paid
            attempt.refund = "SURPLUS" if is_surplus else "CONSULTATION_CLOSED"
            return
        self.cancel_open_attempt(consultation)
        self.enter(consultation, "PAID")
        self.news["PAYMENT_SUCCESS"] += 1
        seat = consultation.live_seat
        if seat and self.clinic.is_past(seat.span):
            consultation.give_up_seat(ran_out=True)
        usable = consultation.live_seat or self._retake(consultation, attempt)
        if usable:
            self.confirm(consultation, usable)
        else:
            self.news["SLOT_LOST"] += 1

    def _retake(self, consultation: Consultation, attempt: Attempt) -> Seat | None:
        """Take the seat that was paid for and lost, if it is still to be had."""
        span = attempt.seats[-1].span
        is_over = self.clinic.is_past(span) or self.clinic.is_closed(span)
        if is_over or self.seat_refusals(span):
            return None
        seat = Seat(span, self.now)
        attempt.seats.append(seat)
        consultation.seats.append(seat)
        return seat
