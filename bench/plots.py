"""Charts of a report, as SVG."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from bench.figures import Chart

_WIDTH, _HEIGHT = 7.0, 3.6


def draw(chart: Chart, path: Path) -> None:
    """Draw a chart into a file."""
    with mpl.rc_context():
        # The same file for the same figures: no random ids, no date; text stays text.
        mpl.rcParams["svg.hashsalt"] = "bench"
        mpl.rcParams["svg.fonttype"] = "none"
        mpl.rcParams["axes.grid"] = True
        canvas = Canvas(figsize=(_WIDTH, _HEIGHT), layout="tight")
        axes = canvas.add_subplot()
        if all(isinstance(x, str) for line in chart.lines.values() for x, _ in line):
            _stack(axes, chart)
        else:
            _connect(axes, chart)
        axes.set_xlabel(chart.x_label)
        axes.set_ylabel(chart.y_label)
        if any(chart.lines):
            axes.legend(fontsize="small")
        canvas.savefig(path, metadata={"Date": None})


def _stack(axes: Axes, chart: Chart) -> None:
    """Draw bars, one upon the other."""
    below: dict[str, float] = {}
    for label, line in chart.lines.items():
        names = [str(x) for x, _ in line]
        heights = [y for _, y in line]
        axes.bar(names, heights, bottom=[below.get(n, 0) for n in names], label=label)
        below |= {n: below.get(n, 0) + y for n, y in zip(names, heights, strict=True)}


def _connect(axes: Axes, chart: Chart) -> None:
    """Draw lines with a mark at every point."""
    for label, line in chart.lines.items():
        axes.plot(
            [float(x) for x, _ in line], [y for _, y in line], marker="o", label=label
        )
    if chart.is_log:
        axes.set_xscale("log")
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)
