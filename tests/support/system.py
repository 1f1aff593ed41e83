"""A running system that is looked after."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from stack.background import System, running_system


@contextmanager
def healthy_system(**settings: str) -> Iterator[System]:
    """Run the system; whatever tests did to it, the guarantees hold at the end.

    Args:
        settings: environment variables, as in `.env.example`.
    """
    with running_system(**settings) as running:
        yield running
        with psycopg.connect(running.database_url) as connection:
            violations = connection.execute("select * from app.invariants()")
            assert violations.fetchall() == []
