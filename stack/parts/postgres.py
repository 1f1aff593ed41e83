"""PostgreSQL itself."""

import signal

from stack.part import Part
from stack.site import Site


def describe(site: Site) -> Part:
    """Describe the database server."""

    def before() -> None:
        site.cluster.initialize()
        site.cluster.forget_the_dead()  # parts.lock is ours: none of them runs

    return Part(
        name="postgres",
        command=site.cluster.command(),
        environment=site.environment(),
        before=before,
        is_ready=site.cluster.is_ready,
        # A fast shutdown: SIGTERM would wait for every client to leave.
        stop_signal=signal.SIGINT,
        death_signal=signal.SIGINT,
        patience=30,
    )
