"""What each change of the database was worth: the rate of holds with and without it.

Every file of bench/experiments makes one thing otherwise than it is. Functions are put
back from sql/; a file NAME.undo.sql puts back the rest.
"""

import functools
import re
from pathlib import Path

from bench.figures import Figure, Report, ratio
from bench.holds import Holds, holds_of
from bench.load import Load, send
from bench.rounds import in_turns
from bench.stage import Clinic, Stage

ROUNDS, EACH = 3, 500
HTTP_OK = 200
_ROOT = Path(__file__).resolve().parents[2]
EXPERIMENTS = _ROOT / "bench" / "experiments"
_REPLACED = re.compile(
    r"^create or replace (?:function|view) (\w+)\.(\w+)", re.MULTILINE
)


def measure(stage: Stage) -> Report:
    """Hold as it is and otherwise, in turns, for each experiment."""
    clinic = stage.system
    holds = holds_of(clinic)
    files = sorted(EXPERIMENTS.glob("*.sql"))
    return Report(
        [
            figure
            for file in files
            if not file.stem.endswith(".undo")
            for figure in _try(clinic, holds, file)
        ]
    )


def title(file: Path) -> str:
    """Return what an experiment changes: its first line."""
    return file.read_text("utf-8").splitlines()[0].removeprefix("-- ")


def restoring(file: Path) -> str:
    """Return the SQL that takes an experiment back."""
    undo = file.with_suffix(".undo.sql")
    replaced = [
        next((_ROOT / "sql" / schema).rglob(f"{name}.sql"))
        for schema, name in _REPLACED.findall(file.read_text("utf-8"))
    ]
    return "\n".join(
        source.read_text("utf-8") for source in [*replaced, undo] if source.exists()
    )


def _try(clinic: Clinic, holds: Holds, file: Path) -> list[Figure]:
    otherwise, as_it_is = file.read_text("utf-8"), restoring(file)

    def hold(state: str) -> float:
        clinic.run(state)
        load = Load(clinic.api_url, holds.take(EACH))
        return send(load).expect(HTTP_OK).rate

    taken = in_turns(
        {
            "otherwise": functools.partial(hold, otherwise),
            "as it is": functools.partial(hold, as_it_is),
        },
        ROUNDS,
    )
    clinic.run(as_it_is)
    name = title(file)
    without = Figure(f"{name}: otherwise", taken["otherwise"], "/s")
    now = Figure(f"{name}: as it is", taken["as it is"], "/s")
    return [without, now, ratio(f"{name}: as it is, of otherwise", now, without)]
