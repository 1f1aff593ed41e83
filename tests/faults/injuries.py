"""What is done to a running system, one function or line each.

Each is a context: broken on the way in, mended on the way out. What is killed is mended
by the supervisor, as an orchestrator would.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from fakes.mishaps import Mishap
from tests.faults.site import Site
from tests.faults.wrong_clock import wrong_clock
from tests.support.processes import parts
from tests.support.waiting import wait_until

POSTGRES, NGINX, JOBS = "postgres -D", "nginx: master", "db.job_runner"
SIDECAR, POSTGREST = "-m api_extensions ", "/postgrest "
STORAGE, BANK = "bin/weed ", "fakes.zarinpal"

# More calls than anybody makes while it lasts.
_ALL = 10**6
_VERIFY = ("verify",)
_QUESTIONS = ("request", *_VERIFY, "inquiry", "unVerified", "reverse")


@dataclass(frozen=True)
class Fault:
    """Something that breaks.

    Attributes:
        name: what happens, in words.
        breaking: breaks it on entry and mends it on exit.
        requests: how many are sent at least while it is broken.
        is_quick: belongs to the tests that everybody runs all the time.
    """

    name: str
    breaking: Callable[[Site], AbstractContextManager[None]]
    requests: int = 20
    is_quick: bool = False


def _killed(
    word: str, *replicas: int, number: signal.Signals = signal.SIGKILL
) -> Callable[[Site], AbstractContextManager[None]]:
    """Kill parts; all at once, when several replicas are named."""

    @contextmanager
    def breaking(site: Site) -> Iterator[None]:
        site.kill(word, *replicas, number=number)
        yield

    return breaking


@contextmanager
def _cut(site: Site) -> Iterator[None]:
    assert site.cut_connections() > 0
    yield


def _bank(
    kind: str, value: float = 0, questions: tuple[str, ...] = _QUESTIONS
) -> Callable[[Site], AbstractContextManager[None]]:
    @contextmanager
    def breaking(site: Site) -> Iterator[None]:
        for question in questions:
            site.bank.fault(question, kind, count=_ALL, value=value)
        yield
        site.bank.repair()

    return breaking


@contextmanager
def _bank_lies_in_turn(site: Site) -> Iterator[None]:
    for _ in range(30):
        for kind in ("html", "server-error", "drop-after", "wrong-amount"):
            site.bank.fault("verify", kind)
        site.bank.fault("inquiry", "html")
        site.bank.fault("request", "drop-after")
    yield
    site.bank.repair()


def _sms(**weights: float) -> Callable[[Site], AbstractContextManager[None]]:
    @contextmanager
    def breaking(site: Site) -> Iterator[None]:
        site.moods.turn({Mishap[name.upper()]: part for name, part in weights.items()})
        yield
        site.moods.turn({})

    return breaking


@contextmanager
def _disk_gone(site: Site) -> Iterator[None]:
    """Take the S3 server's folder away, and the files that it had open."""
    run_dir = site.system.run_dir
    wait_until(lambda: bool(parts(run_dir, STORAGE)))  # it may just have been killed
    (run_dir / "s3").rename(run_dir / "s3.gone")
    for pid in parts(run_dir, STORAGE):
        os.kill(pid, signal.SIGKILL)
    yield
    (run_dir / "s3.gone").rename(run_dir / "s3")
    wait_until(lambda: bool(parts(run_dir, STORAGE)))


@contextmanager
def _clock_is_off(site: Site, seconds: int) -> Iterator[None]:
    with wrong_clock(site.system, "sidecar", seconds):
        yield
    # The one that was shut out comes back to its place.
    site.kill(SIDECAR)


FAULTS = [
    Fault("PostgreSQL killed with -9", _killed(POSTGRES), is_quick=True),
    Fault("PostgreSQL restarted", _killed(POSTGRES, number=signal.SIGINT)),
    Fault("a PostgREST killed with -9", _killed(POSTGREST, 0), is_quick=True),
    Fault("the other PostgREST killed with -9", _killed(POSTGREST, 0)),
    Fault("both PostgRESTs killed with -9", _killed(POSTGREST, 0, 1)),
    Fault("a sidecar killed with -9", _killed(SIDECAR, 0), is_quick=True),
    Fault("the other sidecar killed with -9", _killed(SIDECAR, 0)),
    Fault("both sidecars killed with -9", _killed(SIDECAR, 0, 1)),
    Fault("nginx killed with -9", _killed(NGINX)),
    Fault("the job runner killed with -9", _killed(JOBS)),
    Fault("every database connection cut", _cut),
    Fault("the payment gateway killed with -9", _killed(BANK)),
    Fault("the payment gateway down", _bank("drop-before")),
    Fault("the payment gateway slower than we wait", _bank("slow", 3)),
    Fault("the payment gateway answers, then the line breaks", _bank("drop-after")),
    Fault("the payment gateway sends pages of HTML", _bank("html")),
    Fault(
        "the payment gateway speaks of another amount",
        _bank("wrong-amount", 0, _VERIFY),
    ),
    Fault("the payment gateway lies a different lie each time", _bank_lies_in_turn),
    Fault("the SMS provider down", _sms(lost=1)),
    Fault("the SMS provider slower than we wait", _sms(hanging=1)),
    Fault("the SMS provider obeys, and says it did not", _sms(garbled=1)),
    Fault("the SMS provider breaks off and garbles", _sms(unanswered=0.5, garbled=0.4)),
    Fault("the S3 server killed with -9", _killed(STORAGE)),
    Fault("the S3 server's disk gone", _disk_gone),
    Fault("a sidecar's clock an hour fast", lambda site: _clock_is_off(site, 3600)),
    Fault("a sidecar's clock an hour slow", lambda site: _clock_is_off(site, -3600)),
]
