"""Whose request, or which background run, the current task belongs to.

The id goes into every log line and, through the database, into the audit trail.
"""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import structlog

_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True)
class Trace:
    """One request or background run; `ip` is empty for the latter."""

    request_id: str
    ip: str = ""


_current: ContextVar[Trace] = ContextVar("trace")


def current() -> Trace:
    """Return the trace that the running task belongs to (a fresh one outside any)."""
    return _current.get(Trace(request_id=new_id()))


@contextmanager
def tracing(trace: Trace) -> Iterator[Trace]:
    """Make a trace current, in log lines as well, for the body of a `with`."""
    token = _current.set(trace)
    try:
        with structlog.contextvars.bound_contextvars(request_id=trace.request_id):
            yield trace
    finally:
        _current.reset(token)


def new_id() -> str:
    """Make an id for what no request has numbered."""
    return uuid.uuid4().hex


def accepted_id(candidate: str) -> str:
    """Take nginx's request id when it looks like one; else make one."""
    return candidate if _ACCEPTABLE_ID.fullmatch(candidate) else new_id()
