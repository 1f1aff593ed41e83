"""What a scenario reports."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured figure.

    Attributes:
        scenario: which measured it.
        name: what it says.
        value: with its unit, ready to print.
        promise: what it must be; empty when it only informs.
        holds: whether it is.
    """

    scenario: str
    name: str
    value: str
    promise: str = ""
    holds: bool = True
