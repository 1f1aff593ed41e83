"""What happens between the owner, the sidecar and the bank."""

from hypothesis import strategies as st

from tests.model.entities import Attempt, Consultation, Question
from tests.model.machine import Machine
from tests.model.model import Model
from tests.model.owner_steps import days, indexes
from tests.model.steps import step

BEFORE = ("DRAFT", "DETAILS_SUBMITTED", "SLOT_HELD", "PAYMENT_INITIATED", "PAID")

usually = st.sampled_from([True, True, True, False])


def unnamed(model: Model) -> list[Attempt]:
    """Return the attempts that the bank has not given an authority."""
    return [a for a in model.attempts if a.authority is None]


def named(model: Model) -> list[Attempt]:
    """Return the attempts that the bank knows."""
    return [a for a in model.attempts if a.authority is not None]


def unsettled(model: Model) -> list[Attempt]:
    """Return the attempts that are worth asking the bank about."""
    return [attempt for attempt in named(model) if attempt.status != "VERIFIED"]


def overlooked(model: Model) -> list[Attempt]:
    """Return the attempts that were paid, and nobody here knows."""
    return [attempt for attempt in unsettled(model) if attempt.bank == "PAID"]


class BankSteps(Machine):
    """Steps of an attempt to pay."""

    @step(3, lambda model: model.in_state("SLOT_HELD"))
    def initiate(self, it: Consultation) -> None:
        """Press the button, and perhaps again, before the bank answers."""
        self.begin_payment(it)

    @step(2, unnamed, is_up=usually)
    def bank_answers(self, it: Attempt, is_up: bool) -> None:
        """Give the attempt an authority or not, whatever has become of it meanwhile."""
        if is_up:
            self.ask_for_authority(it)
        else:
            self.system.fail_request(it)
            self.model.fail_request(it)

    @step(
        6,
        lambda model: model.in_state(*BEFORE),
        day=days,
        index=indexes,
        steps=st.sampled_from([1, 2, 2, 3]),
        is_paid=usually,
    )
    def proceed(
        self,
        it: Consultation,
        day: int,
        index: int,
        steps: int,
        is_paid: bool,
    ) -> None:
        """Go some of the usual steps: hold, go to the bank and pay, come back."""
        for _ in range(steps):
            attempt = self.model.current_attempt(it)
            if attempt and attempt.authority:
                self.settle(attempt, is_genuine=True)
            elif it.status == "SLOT_HELD":
                self.go_to_the_bank(it, is_paid=is_paid)
            elif it.status in ("DETAILS_SUBMITTED", "PAID"):
                self.hold(it, self.model.clinic.start_of(day, index))
            else:
                self.describe(it)

    def go_to_the_bank(self, it: Consultation, *, is_paid: bool) -> None:
        """Initiate, arrive at the bank, and pay perhaps; nobody hears of it yet."""
        self.begin_payment(it)
        attempt = self.model.current_attempt(it)
        if attempt and attempt.authority is None:
            self.ask_for_authority(attempt)
            if is_paid:
                self.pay(attempt)

    @step(
        2,
        lambda model: [a for a in model.attempts if a.bank == "IN_BANK"],
        is_paid=usually,
    )
    def pay_late(self, it: Attempt, is_paid: bool) -> None:
        """Pay or fail at the bank, in time or long after; nobody hears of it yet."""
        self.pay(it, is_paid=is_paid)

    @step(3, named, why=st.sampled_from(["returned", "forged", "swept"]), is_up=usually)
    def settle_now(self, it: Attempt, why: str, is_up: bool) -> None:
        """Call back genuinely or not, or sweep; the bank answers or does not."""
        is_genuine = why == "returned"
        nonce = it.nonce if is_genuine else "guessed"
        assert self.system.is_genuine(it, nonce) == is_genuine
        self.settle(it, is_genuine=is_genuine, is_up=is_up)

    @step(2, unsettled, has_nonce=usually)
    def ask_slowly(self, it: Attempt, has_nonce: bool) -> None:
        """Ask the bank, and let much happen before the answer is recorded."""
        self.ask(it, is_genuine=has_nonce)

    @step(4, lambda model: model.questions)
    def answer_late(self, it: Question) -> None:
        """Record an answer, which somebody else may have overtaken."""
        self.answer(it)

    @step(3, overlooked)
    def truth_comes_out(self, it: Attempt) -> None:
        """Reconcile what was paid: a lease ends by itself, and no money is lost."""
        self.pass_minutes(5)
        self.settle(it, is_genuine=False)
        assert it.status == "VERIFIED"
