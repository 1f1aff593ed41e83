"""What admins, jobs and time do."""

from hypothesis import strategies as st

from tests.model.clinic import DOCTORS
from tests.model.entities import Consultation
from tests.model.machine import Machine
from tests.model.owner_steps import days
from tests.model.steps import step
from tests.model.system import CANCEL_PAID, COMPLETE, OWNERS

JOBS = ("holds:release-expired", "consultations:expire", "payments:expire-unsent")
WEEK = "a week"
DURATIONS = (5, 5, 15, 15, 30, 65, WEEK)
SETTINGS = (
    {"slot_minutes": 60},
    {"slot_minutes": 20},
    {"slot_minutes": 30},
    {"start_hour": 18, "end_hour": 20},
    {"start_hour": 17, "end_hour": 19},
    {"hold_minutes": 60},
    {"hold_minutes": 5},
    {"payment_window_minutes": 30},
    {"max_live_holds": 1},
    {"cooldown_after_expired_holds": 1},
    {"doctor_assignment": "MANUAL"},
    {"doctor_assignment": "ROUND_ROBIN"},
)
# What raw SQL may try: the states that must be earned, from wherever it is refused.
UNEARNED = ("DRAFT", "SCHEDULED", "COMPLETED", "PAID")
EARNED = {("SCHEDULED", "COMPLETED"), ("PAID", "SCHEDULED")}

FROM_NOW_ON = (0, 10**9)  # what is past is never reported

doctors = st.integers(0, DOCTORS - 1)


class ClinicSteps(Machine):
    """Steps of the clinic and the clock."""

    @step(
        4,
        duration=st.sampled_from(DURATIONS),
        job=st.sampled_from((None, JOBS[0], *JOBS)),
    )
    def wait(self, duration: int | str, job: str | None) -> None:
        """Let holds, leases and slots pass, with a job after that or without."""
        if isinstance(duration, int):
            self.pass_minutes(duration)
        else:
            self.system.time.pass_week()
            self.model.pass_week()
        if job:
            changed, due = self.system.run_job(job), self.model.run_job(job)
            assert changed == due, f"{job} changed {changed} rows instead of {due}"

    @step(3, doctor=doctors, way=st.sampled_from(["doctors", "users"]))
    def switch_doctor(self, doctor: int, way: str) -> None:
        """Switch a doctor off, or on again."""
        switch = (doctor, way)
        is_active = switch in self.model.clinic.idle
        self.system.switch_doctor(doctor, way, is_active=is_active)
        self.model.clinic.idle ^= {switch}
        if not is_active:
            self.model.report(FROM_NOW_ON, doctor)

    @step(1, doctor=st.none() | doctors, day=days)
    def close(self, doctor: int | None, day: int) -> None:
        """Give a doctor the first hour of a day off, or close the second slot.

        Whatever was closed before is open again, so that some slots always are.
        """
        for table in ("closures", "doctor_absences"):
            self.system.clear(table)
        self.model.clinic.closures.clear()
        self.model.clinic.absences.clear()
        if doctor is not None:
            start = self.model.clinic.start_of(day, 0)
            span = (start, start + 60)
            self.system.add_absence(doctor, span)
            self.model.clinic.absences.append((doctor, span))
        else:
            start = self.model.clinic.start_of(day, 1)
            span = (start - 1, start + 10)
            self.system.add_closure(span)
            self.model.clinic.closures.append(span)
        self.model.report(span, doctor)

    @step(2, change=st.sampled_from(SETTINGS))
    def configure(self, change: dict[str, int | str]) -> None:
        """Change a setting while bookings exist."""
        self.system.configure(**change)
        for name, setting in change.items():
            setattr(self.model.clinic.settings, name, setting)

    @step(1, lambda model: model.in_state("PAID", "SCHEDULED"), is_done=st.booleans())
    def end(self, it: Consultation, is_done: bool) -> None:
        """Mark the call as done, or cancel it and owe the money back."""
        if is_done and it.status == "SCHEDULED":
            self.system.by_hand(COMPLETE, it)
            self.model.complete(it)
        else:
            self.system.by_hand(CANCEL_PAID, it)
            self.model.cancel_paid(it)

    @step(1, lambda model: model.consultations, status=st.sampled_from(UNEARNED))
    def cheat(self, it: Consultation, status: str) -> None:
        """Reach for a state by raw SQL, or for somebody else's consultation."""
        if it.status != status and (it.status, status) not in EARNED:
            assert self.system.force_status(it, status).code == "INVALID_STATE"
        stranger = (it.owner + 1) % OWNERS
        for function in ("release_hold", "cancel_consultation", "hold_slot"):
            answer = self.system.act_as(stranger, f"api.{function}", it)
            assert answer.code == "NOT_FOUND"
