"""Where PostgreSQL's time for one hold goes: the functions by their own share of it."""

import time

from bench.figures import Figure, Report
from bench.holds import holds_of
from bench.load import Load, send
from bench.stage import Clinic, Stage

HOLDS, SHOWN = 500, 12
HTTP_OK = 200
# A connection reports its counts within this time of its last transaction.
_REPORTED = 1.5
_SPENT = """
select schemaname || '.' || funcname, 1000 * self_time / %s
from pg_stat_user_functions
where schemaname <> 'bench'
order by self_time desc limit %s
"""


def measure(stage: Stage) -> Report:
    """Let PostgreSQL time its functions while one client holds slots."""
    clinic = stage.system
    messages = holds_of(clinic).take(HOLDS)
    _track(clinic, "all")
    try:
        clinic.run("select pg_stat_reset()", as_superuser=True)
        send(Load(clinic.api_url, messages, connections=1)).expect(HTTP_OK)
        time.sleep(_REPORTED)
        found = clinic.run(_SPENT, HOLDS, SHOWN, as_superuser=True)
    finally:
        _track(clinic, "none")
    return Report(
        [Figure(str(name), (float(str(spent)),), "µs") for name, spent in found]
    )


def _track(clinic: Clinic, what: str) -> None:
    clinic.run(f"alter system set track_functions = '{what}'", as_superuser=True)
    clinic.run("select pg_reload_conf()", as_superuser=True)
