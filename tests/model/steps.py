"""Steps of the machine, and the dice that choose among them.

Were each step a rule of its own, hypothesis would switch a random part of them off in
every example. A journey needs half a dozen kinds of steps and would seldom be made. So
there is one rule, which throws weighted dice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

from hypothesis import strategies as st

from tests.model.entities import Brief
from tests.model.model import Model

Function = TypeVar("Function", bound=Callable[..., None])
Pick = Callable[[Model], Sequence[Any]]

_STEP = "model_step"


@dataclass(frozen=True)
class Step:
    """What a method of the machine needs to be called.

    Attributes:
        weight: how often it is chosen, compared with others.
        pick: finds what its argument `it` may be; None when it has no such argument.
        strategies: for its other arguments.
    """

    weight: int
    pick: Pick | None
    strategies: Mapping[str, st.SearchStrategy[Any]]


@dataclass(frozen=True)
class Move(Brief):
    """A step with its arguments."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={it!r}" for name, it in self.arguments.items())
        return f"{self.name}({arguments})"


def step(
    weight: int, pick: Pick | None = None, **strategies: st.SearchStrategy[Any]
) -> Callable[[Function], Function]:
    """Make a method a step of the machine."""

    def decorate(function: Function) -> Function:
        setattr(function, _STEP, Step(weight, pick, strategies))
        return function

    return decorate


@lru_cache
def steps_of(machine: type) -> dict[str, Step]:
    """Return the steps of a class by name."""
    found = {
        name: getattr(getattr(machine, name), _STEP, None) for name in dir(machine)
    }
    return {name: step for name, step in found.items() if step}


@st.composite
def moves(draw: st.DrawFn) -> Move:
    """Choose one of the moves that can be made now."""
    machine = draw(st.runner())
    steps = steps_of(machine.__class__)
    possible: list[str] = []
    options: dict[str, Sequence[Any]] = {}
    for name, step in steps.items():
        if step.pick:
            options[name] = step.pick(machine.model)
        if not step.pick or options[name]:
            possible += [name] * step.weight
    name = draw(st.sampled_from(possible))
    arguments = {"it": draw(st.sampled_from(options[name]))} if name in options else {}
    for argument, strategy in steps[name].strategies.items():
        arguments[argument] = draw(strategy)
    return Move(name, arguments)
