"""The same SQL without HTTP, by pgbench over a unix socket, and a bare insert."""

import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.figures import Figure, Report, ratio
from bench.holds import holds_of
from bench.rounds import in_turns
from bench.stage import Clinic, Stage
from db.cluster import installed_bindir

# Few clients with much to do: each begins with plans to make.
CLIENTS, EACH, ROUNDS = 4, 500, 3
_RATE = re.compile(r"tps = ([0-9.]+)")
_INSERT = "select bench.insert_row();\n"
# What PostgREST says, and in this order: `:name` becomes a parameter.
_HOLD = """
begin;
select claims, consultation_id, start_at from bench.take_hold() \\gset
select set_config('role', 'app_user', true),
    set_config('request.jwt.claims', :claims, true);
select app.check_request();
select * from api.hold_slot(:consultation_id, :start_at);
commit;
"""
_NOTHING = """
begin;
select set_config('role', 'app_user', true),
    set_config('request.jwt.claims', '', true);
select app.check_request();
select api.bench_nothing();
commit;
"""
_WAITING = """
insert into bench.waiting_holds (claims, consultation_id, start_at)
values (%s, %s, %s)
"""


def measure(stage: Stage) -> Report:
    """Hold, insert and do nothing in turns, by pgbench."""
    clinic = stage.system
    _prepare(clinic, CLIENTS * EACH * (ROUNDS + 1))
    taken = in_turns(
        {
            "hold": _pgbench(clinic, _HOLD),
            "insert": _pgbench(clinic, _INSERT),
            "nothing": _pgbench(clinic, _NOTHING),
        },
        ROUNDS,
    )
    held = Figure("hold_slot, by pgbench", taken["hold"], "/s")
    inserted = Figure("a bare insert and commit, by pgbench", taken["insert"], "/s")
    nothing = Figure("what precedes a request, by pgbench", taken["nothing"], "/s")
    return Report(
        [
            held,
            inserted,
            nothing,
            ratio("hold_slot against a bare insert", held, inserted),
        ]
    )


def _prepare(clinic: Clinic, count: int) -> None:
    issued = int(time.time())
    with clinic.connected() as connection:
        connection.cursor().executemany(
            _WAITING.encode(),
            [
                (
                    json.dumps(
                        {
                            "sub": str(owner.user_id),
                            "sid": str(owner.session_id),
                            "role": "app_user",
                            "aud": "vetline",
                            "iat": issued,
                            "exp": issued + 7200,
                            "jti": str(owner.session_id),
                        }
                    ),
                    owner.consultation_id,
                    start_at,
                )
                for owner, start_at in holds_of(clinic).pairs(count)
            ],
        )


def _pgbench(clinic: Clinic, script: str) -> Callable[[], float]:
    """Return what runs a script a fixed number of times and gives its rate."""

    def run() -> float:
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
            file.write(script)
            file.flush()
            return _rate(clinic, Path(file.name))

    return run


def _rate(clinic: Clinic, script: Path) -> float:
    done = subprocess.run(
        [
            installed_bindir(None) / "pgbench",
            *("--no-vacuum", "--protocol=prepared", f"--file={script}"),
            *(f"--client={CLIENTS}", f"--transactions={EACH}", "--jobs=1"),
        ],
        env={**os.environ, **clinic.postgres_environment("authenticator")},
        capture_output=True,
        text=True,
        check=False,
    )
    found = _RATE.search(done.stdout)
    if not found or "failed transactions: 0 " not in done.stdout:
        raise AssertionError(f"pgbench: {done.stdout}\n{done.stderr}")
    return float(found[1])
