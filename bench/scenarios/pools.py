"""How many connections PostgREST should keep: the same holds, by pools of any size."""

import functools
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from bench.figures import Chart, Figure, Report
from bench.holds import holds_of
from bench.load import Load, request, send
from bench.rounds import in_turns
from bench.stage import Clinic, Stage, settings_of
from stack.account import unprivileged_account
from stack.ports import free_port
from stack.process import start_process, stop_process
from stack.programs import find_programs

SIZES, ROUNDS, EACH, CONNECTIONS = (2, 4, 8, 16, 32), 3, 500, 32
HTTP_OK = 200


def measure(stage: Stage) -> Report:
    """Hold through PostgRESTs that differ in nothing but their pool."""
    clinic = stage.system
    holds = holds_of(clinic)
    with ExitStack() as servers:
        urls = {size: servers.enter_context(_postgrest(clinic, size)) for size in SIZES}

        def hold(size: int) -> float:
            messages = [
                message.replace(b"/rest/v1/", b"/") for message in holds.take(EACH)
            ]
            load = Load(urls[size], messages, CONNECTIONS)
            return send(load).expect(HTTP_OK).rate

        taken = in_turns(
            {str(size): functools.partial(hold, size) for size in SIZES}, ROUNDS
        )
    figures = [
        Figure(f"hold_slot, {CONNECTIONS} clients, pool of {size}", rates, "/s")
        for size, rates in taken.items()
    ]
    points: list[tuple[float | str, float]] = [
        (size, figure.median) for size, figure in zip(SIZES, figures, strict=True)
    ]
    return Report(figures, [Chart("pools", "pool", "holds a second", {"": points})])


@contextmanager
def _postgrest(clinic: Clinic, pool: int) -> Iterator[str]:
    """Run another PostgREST on the clinic's database; gives its URL."""
    account, port = unprivileged_account(), free_port()
    programs, settings = find_programs(account), settings_of(clinic.system)
    environment = {
        **clinic.postgres_environment("authenticator"),
        "PGRST_DB_URI": "postgresql://",
        "PGRST_JWT_SECRET": settings.jwt_access_secret.get_secret_value(),
        "PGRST_JWT_AUD": settings.jwt_audience,
        "PGRST_SERVER_HOST": "127.0.0.1",
        "PGRST_SERVER_PORT": str(port),
        "PGRST_DB_POOL": str(pool),
    }
    command = [programs.from_npm("postgrest"), programs.root / "db" / "postgrest.conf"]
    with (clinic.run_dir / f"pool-{pool}.log").open("ab") as log:
        server = start_process(
            command, log=log, account=account, environment=environment
        )
        try:
            _wait(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            stop_process(server)


def _wait(url: str) -> None:
    """Wait until it has read the schema."""
    while True:
        try:
            if send(Load(url, [request("GET", "/")])).statuses[HTTP_OK]:
                return
        except ConnectionRefusedError:
            pass
        time.sleep(0.05)
