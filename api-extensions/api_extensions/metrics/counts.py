"""What this process counts and times; a scrape reads it from prometheus-client.

Labels take few values: a route is its pattern, never a path with somebody's id.
"""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from aiohttp import web
from prometheus_client import Counter, Histogram

# Seconds. Requests are to stay below a tenth; a gateway or provider takes its time.
_REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_OUTSIDE_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 7, 10, 20)

REQUESTS = Counter(
    "vetline_http_requests_total",
    "Requests that the sidecar has answered.",
    ["method", "route", "status"],
)
REQUEST_SECONDS = Histogram(
    "vetline_http_request_duration_seconds",
    "How long the sidecar took to answer (a stream: how long it lasted).",
    ["method", "route"],
    buckets=_REQUEST_BUCKETS,
)
GATEWAY_CALLS = Counter(
    "vetline_gateway_calls_total",
    "Questions to a payment gateway, by what its answer proved.",
    ["provider", "question", "outcome"],
)
GATEWAY_SECONDS = Histogram(
    "vetline_gateway_call_duration_seconds",
    "How long a payment gateway took to answer.",
    ["provider", "question"],
    buckets=_OUTSIDE_BUCKETS,
)
SMS_SENDS = Counter(
    "vetline_sms_sends_total",
    "Messages handed to an SMS provider: SENT, or why not.",
    ["provider", "outcome"],
)
SMS_SECONDS = Histogram(
    "vetline_sms_send_duration_seconds",
    "How long an SMS provider took to take a message.",
    ["provider"],
    buckets=_OUTSIDE_BUCKETS,
)


@dataclass
class Call:
    """A question to somebody outside; the asker writes down what came of it."""

    outcome: str = "NO_ANSWER"


def gateway_call(provider: str, question: str) -> AbstractContextManager[Call]:
    """Count and time one question to a payment gateway."""
    return _asked(GATEWAY_CALLS, GATEWAY_SECONDS, provider, question)


def sms_send(provider: str) -> AbstractContextManager[Call]:
    """Count and time one message given to an SMS provider."""
    return _asked(SMS_SENDS, SMS_SECONDS, provider)


@contextmanager
def _asked(calls: Counter, seconds: Histogram, *labels: str) -> Iterator[Call]:
    with seconds.labels(*labels).time():
        call = Call()
        try:
            yield call
        finally:
            calls.labels(*labels, call.outcome).inc()


def count_request(request: web.Request, status: int, started: float) -> None:
    """Count and time an answered request; `started` is by `time.perf_counter`."""
    resource = request.match_info.route.resource
    route = resource.canonical if resource else "unmatched"
    # A method that HTTP does not know could be anything.
    method = request.method if resource else "ANY"
    REQUESTS.labels(method, route, str(status)).inc()
    REQUEST_SECONDS.labels(method, route).observe(time.perf_counter() - started)
