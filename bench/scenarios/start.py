"""From `make run` to ready, with an empty run directory; and the sidecar's memory."""

import time

from bench.cpu import megabytes
from bench.figures import Figure, Report, at_most
from bench.stage import Stage
from stack.background import running_system

ROUNDS, MEASURED = 3, "sidecar"


def measure(stage: Stage) -> Report:
    """Start another system several times; ask for the memory of the busy one."""
    run_dir = stage.system.run_dir
    used = megabytes(run_dir, MEASURED)
    most = megabytes(run_dir, MEASURED, "VmHWM")
    starts = tuple(_start() for _ in range(ROUNDS))
    return Report(
        [
            Figure("ready, from an empty directory", starts, "s", at_most(10)),
            Figure("memory of the sidecar", (used,), "MB", at_most(100)),
            Figure("memory of the sidecar, the most", (most,), "MB", at_most(100)),
        ]
    )


def _start() -> float:
    began = time.perf_counter()
    with running_system():
        return time.perf_counter() - began
