"""PostgreSQL itself."""

import signal

from stack.part import Part
from stack.site import Site


def describe(site: Site) -> Part:
    """Describe the database server."""
    return Part(
        name="postgres",
        command=site.cluster.command(),
        environment=site.environment(),
        before=site.cluster.initialize,
        is_ready=site.cluster.is_ready,
        # A fast shutdown: SIGTERM would wait for every client to leave.
        stop_signal=signal.SIGINT,
        death_signal=signal.SIGINT,
        patience=30,
    )
