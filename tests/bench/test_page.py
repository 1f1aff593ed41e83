"""The page: prose and results make it, and nothing else."""

from pathlib import Path

import pytest

from bench import page, plots
from bench.figures import Chart, Figure, Report, at_least

REPORTS = {
    "holds": Report([Figure("hold_slot", (810.4, 790, 1234.5), "/s", at_least(700))])
}


def test_the_page_of_the_repository_is_made_of_its_results() -> None:
    """Nobody has typed a figure by hand, and the prose is the newest."""
    machine, reports = page.read()
    template = page.TEMPLATE.read_text("utf-8")
    assert page.PAGE.read_text("utf-8") == page.render(template, machine, reports)


def test_every_chart_of_the_results_is_there() -> None:
    _, reports = page.read()
    charts = [chart.name for report in reports.values() for chart in report.charts]
    assert charts
    assert all((page.CHARTS / f"{name}.svg").is_file() for name in charts)


def test_a_figure_in_the_prose_is_its_median() -> None:
    assert page.render("{{holds: hold_slot}}.", {}, REPORTS) == "810 /s."


def test_a_table_shows_median_spread_rounds_and_promise() -> None:
    assert page.table(REPORTS["holds"].figures).splitlines()[2] == (
        "| hold_slot | 810 /s | 790 to 1,234 | 3 | at least 700 /s ✓ |"
    )


def test_the_promises_of_all_scenarios_stand_together() -> None:
    silent = Report([Figure("b", (1,))])
    shown = page.render("{{promises}}", {}, {**REPORTS, "sms": silent})
    assert shown.splitlines()[2:] == [
        "| holds | hold_slot | 810 /s | at least 700 /s ✓ |"
    ]


@pytest.mark.parametrize(
    "place", ["{{holds: nothing}}", "{{none: hold_slot}}", "{{table none}}"]
)
def test_prose_about_what_was_not_measured_is_refused(place: str) -> None:
    with pytest.raises(page.PageError):
        page.render(place, {}, REPORTS)


def test_results_are_read_as_they_were_written() -> None:
    chart = Chart("growth", "calls", "ms", {"hold": [(1, 2.5)]}, is_log=True)
    report = Report(REPORTS["holds"].figures, [chart])
    assert Report.from_json(report.as_json()) == report


@pytest.mark.parametrize("x", [1.0, "insert"])
def test_a_chart_is_the_same_file_each_time(tmp_path: Path, x: float | str) -> None:
    chart = Chart("cost", "", "ms", {"nginx": [(x, 1.5)], "PostgREST": [(x, 2.5)]})
    first, second = tmp_path / "1.svg", tmp_path / "2.svg"
    plots.draw(chart, first)
    plots.draw(chart, second)
    assert first.read_bytes() == second.read_bytes()
    assert b"PostgREST" in first.read_bytes()
