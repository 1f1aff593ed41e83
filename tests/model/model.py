"""The model whole: what jobs, admins and time do to the bookings."""

from tests.model.entities import OPEN, Consultation
from tests.model.paying import Payments

UNSENT_FOR = 60  # minutes, after which an attempt without an authority is given up


class Model(Payments):
    """The clinic's bookings as they must be."""

    def run_job(self, name: str) -> int:
        """Run a job and return how many rows it must change."""
        jobs = {
            "holds:release-expired": self._release_expired_holds,
            "consultations:expire": self._expire_consultations,
            "payments:expire-unsent": self._expire_unsent_payments,
        }
        return jobs[name]()

    def _release_expired_holds(self) -> int:
        lapsed = [
            consultation
            for consultation in self.consultations
            if (seat := consultation.live_seat) and seat.has_lapsed(self.now)
        ]
        for consultation in lapsed:
            self.lapse(consultation)
        return len(lapsed)

    def _expire_consultations(self) -> int:
        left = [
            consultation
            for consultation in self.consultations
            if consultation.expires is not None
            and consultation.expires <= self.now
            and not any(a.status in (*OPEN, "VERIFIED") for a in consultation.attempts)
        ]
        for consultation in left:
            self.enter(consultation, "EXPIRED")
            consultation.is_deleted = all(
                attempt.authority is None for attempt in consultation.attempts
            )
        return len(left)

    def _expire_unsent_payments(self) -> int:
        unsent = [
            attempt
            for attempt in self.attempts
            if attempt.status == "INITIATED" and attempt.created < self.now - UNSENT_FOR
        ]
        for attempt in unsent:
            attempt.status = "EXPIRED"
        return len(unsent)

    def complete(self, consultation: Consultation) -> None:
        """The call took place; its seat stays taken."""
        seat = consultation.live_seat
        assert seat is not None
        seat.status = "COMPLETED"
        self.enter(consultation, "COMPLETED")

    def cancel_paid(self, consultation: Consultation) -> None:
        """An admin cancels a paid consultation: the money goes back."""
        if seat := consultation.live_seat:
            seat.status = "CANCELED"
        self.enter(consultation, "CANCELED")
        for attempt in consultation.attempts:
            if attempt.status == "VERIFIED" and attempt.refund is None:
                attempt.refund = "ADMIN_CANCELED"
