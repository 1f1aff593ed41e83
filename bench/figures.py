"""What a scenario reports: figures, each with all its rounds, and charts of them."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Promise:
    """What a figure's median must be.

    Attributes:
        least: not less than this; None when there is no lower bound.
        most: not more than this.
    """

    least: float | None = None
    most: float | None = None

    def kept_by(self, value: float) -> bool:
        """Whether the value lies within."""
        return (self.least is None or value >= self.least) and (
            self.most is None or value <= self.most
        )


def at_least(bound: float) -> Promise:
    """Promise a lower bound."""
    return Promise(least=bound)


def at_most(bound: float) -> Promise:
    """Promise an upper bound."""
    return Promise(most=bound)


def exactly(value: float) -> Promise:
    """Promise one value."""
    return Promise(least=value, most=value)


@dataclass(frozen=True)
class Figure:
    """One measured figure.

    Attributes:
        name: what it says.
        samples: its value in each round, in order.
        unit: of the values; "" for a count.
        promise: what the median must be; None when it only informs.
    """

    name: str
    samples: tuple[float, ...]
    unit: str = ""
    promise: Promise | None = None

    @property
    def median(self) -> float:
        """The middle of the rounds."""
        return statistics.median(self.samples)

    @property
    def holds(self) -> bool:
        """Whether the promise is kept."""
        return self.promise is None or self.promise.kept_by(self.median)


@dataclass(frozen=True)
class Chart:
    """Lines, or stacked bars, over a common axis.

    Attributes:
        name: of the file.
        x_label: what the points of the axis are.
        y_label: what the values are, with their unit.
        lines: the points of each line (x, y), by its label; x is a number, or the name
            of a bar, on which the lines are stacked.
        is_log: both axes are logarithmic.
    """

    name: str
    x_label: str
    y_label: str
    lines: Mapping[str, Sequence[tuple[float | str, float]]]
    is_log: bool = False


@dataclass(frozen=True)
class Report:
    """All that a scenario found out."""

    figures: Sequence[Figure]
    charts: Sequence[Chart] = field(default_factory=tuple)

    @property
    def holds(self) -> bool:
        """Whether every promise is kept."""
        return all(figure.holds for figure in self.figures)

    def as_json(self) -> dict[str, Any]:
        """Return it for the results file."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Report":
        """Read what `as_json` wrote."""
        figures = [
            Figure(
                item["name"],
                tuple(item["samples"]),
                item["unit"],
                Promise(**item["promise"]) if item["promise"] else None,
            )
            for item in value["figures"]
        ]
        return cls(figures, [Chart(**chart) for chart in value["charts"]])


def ratio(name: str, of: Figure, to: Figure, promise: Promise | None = None) -> Figure:
    """Compare two figures that were measured in the same rounds, round by round.

    Returns:
        What percentage the first is of the second.
    """
    pairs = zip(of.samples, to.samples, strict=True)
    return Figure(name, tuple(100 * one / other for one, other in pairs), "%", promise)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that this share (0 to 1) of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
