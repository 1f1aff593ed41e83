"""docs/performance.md: the prose of bench/performance.md with the figures put in.

What stands in double braces is made here, and nothing else may be a figure:
`{{machine}}`, `{{promises}}`, `{{table holds}}`, `{{chart growth}}`, and
`{{holds: a figure's name}}` for the median of one. `python -m bench.page` puts the
figures of the last run into prose that has changed.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.figures import Figure, Promise, Report
from bench.plots import draw

_ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = _ROOT / "bench" / "performance.md"
PAGE = _ROOT / "docs" / "performance.md"
CHARTS = _ROOT / "docs" / "performance"
RESULTS = CHARTS / "results.json"

_PLACE = re.compile(r"\{\{(\w+)(?:: ([^}]+)| (\w+))?\}\}")


class PageError(Exception):
    """The template asks for something that was not measured."""


def write(machine: Mapping[str, str], reports: Mapping[str, Report]) -> None:
    """Write the results, the charts and the page."""
    CHARTS.mkdir(exist_ok=True)
    results = {
        "machine": machine,
        "reports": {name: report.as_json() for name, report in reports.items()},
    }
    RESULTS.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n")
    for report in reports.values():
        for chart in report.charts:
            draw(chart, CHARTS / f"{chart.name}.svg")
    PAGE.write_text(render(TEMPLATE.read_text("utf-8"), machine, reports))


def read(path: Path = RESULTS) -> tuple[dict[str, str], dict[str, Report]]:
    """Read the results that `write` wrote."""
    results = json.loads(path.read_text("utf-8"))
    reports = results["reports"]
    return results["machine"], {
        name: Report.from_json(report) for name, report in reports.items()
    }


def render(
    template: str, machine: Mapping[str, str], reports: Mapping[str, Report]
) -> str:
    """Put the figures into the prose.

    Raises:
        PageError: the prose names what there is not.
    """

    def put(place: re.Match[str]) -> str:
        what, figure, name = place.groups()
        if what == "machine":
            return _rows(("", ""), [(key, text) for key, text in machine.items()])
        if what == "promises":
            return _promises(reports)
        if what == "chart":
            return f"![{name}](performance/{name}.svg)"
        report = reports.get(name if what == "table" else what)
        if report is None:
            raise PageError(f"Nothing is known of {place[0]}")
        if what == "table":
            return table(report.figures)
        return amount(_find(report, figure, place[0]))

    return _PLACE.sub(put, template)


def _promises(reports: Mapping[str, Report]) -> str:
    return _rows(
        ("scenario", "figure", "median", "promise"),
        [
            (name, figure.name, amount(figure), promised(figure))
            for name, report in reports.items()
            for figure in report.figures
            if figure.promise
        ],
    )


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a table of Markdown."""
    return _rows(
        ("figure", "median", "spread", "rounds", "promise"),
        [
            (
                figure.name,
                amount(figure),
                _spread(figure),
                str(len(figure.samples)),
                promised(figure),
            )
            for figure in figures
        ],
    )


def promised(figure: Figure) -> str:
    """Return what the figure must be, and whether it is; "" when it only informs."""
    if figure.promise is None:
        return ""
    return f"{_bounds(figure.promise, figure.unit)} {'✓' if figure.holds else '✗'}"


def _bounds(promise: Promise, unit: str) -> str:
    if promise.least == promise.most:
        return f"{_number(promise.least or 0)}"
    if promise.most is None:
        return f"at least {_number(promise.least or 0)} {unit}".strip()
    return f"at most {_number(promise.most)} {unit}".strip()


def amount(figure: Figure) -> str:
    """Return the median with its unit, in three digits."""
    return f"{_number(figure.median)} {figure.unit}".strip()


def _spread(figure: Figure) -> str:
    if len(figure.samples) == 1:
        return ""
    return f"{_number(min(figure.samples))} to {_number(max(figure.samples))}"


def _number(value: float) -> str:
    """Return three digits that count, and no more."""
    if value == int(value) or abs(value) >= 100:  # noqa: PLR2004  # three digits
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _find(report: Report, name: str, place: str) -> Figure:
    for figure in report.figures:
        if figure.name == name:
            return figure
    raise PageError(f"No figure is called so: {place}")


def _rows(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(render(TEMPLATE.read_text("utf-8"), *read()))
