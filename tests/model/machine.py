"""What every rule stands on: each act is done in the model and in the database."""

from datetime import datetime
from typing import ClassVar

from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.model.agreement import assert_agreement
from tests.model.booking import Refusals
from tests.model.entities import Attempt, Consultation, Question
from tests.model.model import Model
from tests.model.steps import Move, moves
from tests.model.system import Answer, System

# Whose consultations there are at the beginning.
CROWD = (0, 0, 1, 2)


class Machine(RuleBasedStateMachine):
    """A clinic as it should be, beside the clinic as it is."""

    system: ClassVar[System]

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()

    @initialize()
    def gather(self) -> None:
        """Begin with empty books, and a few consultations."""
        self.system.forget(self.model.clinic.settings)
        for owner in CROWD:
            self.describe(self.model.begin(owner, self.system.begin(owner)))

    @rule(move=moves())
    def make(self, move: Move) -> None:
        """Make one move."""
        getattr(self, move.name)(**move.arguments)

    @invariant()
    def model_and_database_agree(self) -> None:
        """Compare them after each step, and ask the database for its own opinion."""
        assert_agreement(self.model, self.system)

    def agree(self, expected: Refusals, answer: Answer) -> None:
        """Assert that the database allowed or refused what the model did."""
        if expected:
            assert answer.code in expected, f"{answer.code} instead of {set(expected)}"
        else:
            assert answer.code is None, f"refused: {answer.code} {answer.details}"

    def describe(self, it: Consultation) -> None:
        """Submit the details."""
        self.agree(self.model.describe(it), self.system.describe(it))

    def hold(self, it: Consultation, start: int) -> None:
        """Hold a slot; what is offered instead of a full one must be free."""
        answer = self.system.hold(it, start)
        if answer.code == "SLOT_FULL":
            for near in answer.details["nearest_free_slots"]:
                minute = self.system.time.minute(datetime.fromisoformat(near))
                span = self.model.clinic.offered(minute)
                assert span, near
                assert not self.model.seat_refusals(span), near
        self.agree(self.model.hold(it, start), answer)

    def release(self, it: Consultation) -> None:
        """Give the hold up."""
        self.agree(self.model.release(it), self.system.act("api.release_hold", it))

    def cancel(self, it: Consultation) -> None:
        """Cancel an unpaid consultation."""
        answer = self.system.act("api.cancel_consultation", it)
        self.agree(self.model.cancel(it), answer)

    def begin_payment(self, it: Consultation) -> None:
        """Ask for the open attempt or a new one."""
        answer = self.system.begin_payment(it)
        self.agree(self.model.begin_payment(it), answer)
        if answer.code:
            return
        attempt = self.model.current_attempt(it)
        if attempt is None:
            attempt = Attempt(answer.row["payment_id"], answer.row["nonce"])
            self.model.add_attempt(it, attempt)
        assert answer.row["payment_id"] == attempt.id
        assert answer.row["authority"] == attempt.authority

    def ask_for_authority(self, attempt: Attempt) -> None:
        """Let the bank give the attempt a name, late or in time."""
        authority = self.system.ask_for_authority(attempt)
        self.model.record_authority(attempt, authority)

    def pay(self, attempt: Attempt, *, is_paid: bool = True) -> None:
        """Pay or fail at the bank."""
        self.system.pay(attempt, is_paid=is_paid)
        attempt.bank = "PAID" if is_paid else "FAILED"

    def ask(self, attempt: Attempt, *, is_genuine: bool, is_up: bool = True) -> bool:
        """Begin a settlement and ask the bank; tell whether it was to be asked.

        Args:
            attempt: to settle.
            is_genuine: whether a genuine callback is the reason.
            is_up: whether the bank can be reached.
        """
        action = self.model.ask(attempt)
        lease = self.system.begin_settlement(attempt, is_genuine=is_genuine)
        assert lease["action"] == action
        if action == "ask":
            outcome = self.system.bank_says(attempt) if is_up else "UNKNOWN"
            self.model.lease(attempt, lease["lease_token"], is_genuine=is_genuine)
            question = Question(attempt, lease["lease_token"], outcome, is_genuine)
            self.model.questions.append(question)
        return action == "ask"

    def answer(self, question: Question) -> None:
        """Record what the bank said."""
        self.model.questions.remove(question)
        self.model.answer(question)
        assert self.system.finish_settlement(question) == question.attempt.status

    def settle(self, attempt: Attempt, *, is_genuine: bool, is_up: bool = True) -> None:
        """Ask the bank and record its answer, with nothing between the two."""
        if self.ask(attempt, is_genuine=is_genuine, is_up=is_up):
            self.answer(self.model.questions[-1])

    def pass_minutes(self, minutes: int) -> None:
        """Let deadlines come nearer."""
        self.system.time.pass_minutes(minutes)
        self.model.now += minutes
