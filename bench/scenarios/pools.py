"""How many connections PostgREST and the sidecar should keep: pools of any size."""

import functools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from dotenv import dotenv_values

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
# So few that nobody signs more often than the sidecar allows in a minute.
SIDECAR_SIZES, SIGNERS = (2, 5, 10, 20), 250
HTTP_OK = 200
# One transaction of the sidecar for a caller, and nothing outside.
_PRESIGN = "/api/v1/uploads/presign?category=IMAGE&ext=jpg&size=1000"


def measure(stage: Stage) -> Report:
    """Hold slots and sign uploads, by servers that differ in nothing but their pool."""
    clinic = stage.system
    holds, owners = holds_of(clinic), clinic.owners(SIGNERS)
    signings = [request("GET", _PRESIGN, owner.token) for owner in owners]

    def holding() -> list[bytes]:
        return [message.replace(b"/rest/v1/", b"/") for message in holds.take(EACH)]

    by_holds = _by_size(SIZES, functools.partial(_postgrest, clinic), holding)
    by_signings = _by_size(
        SIDECAR_SIZES, functools.partial(_sidecar, clinic), lambda: signings
    )
    figures = _figures("hold_slot", by_holds)
    points: list[tuple[float | str, float]] = [
        (size, figure.median) for size, figure in zip(SIZES, figures, strict=True)
    ]
    return Report(
        [*figures, *_figures("sidecar, presign", by_signings)],
        [Chart("pools", "pool", "holds a second", {"": points})],
    )


def _by_size(
    sizes: Sequence[int],
    server: Callable[[int], AbstractContextManager[str]],
    messages: Callable[[], list[bytes]],
) -> Mapping[str, tuple[float, ...]]:
    """Run a server for each size and return the rates of each."""
    with ExitStack() as servers:
        urls = {size: servers.enter_context(server(size)) for size in sizes}

        def rate(size: int) -> float:
            load = Load(urls[size], messages(), CONNECTIONS)
            return send(load).expect(HTTP_OK).rate

        return in_turns(
            {str(size): functools.partial(rate, size) for size in sizes}, ROUNDS
        )


def _figures(what: str, taken: Mapping[str, tuple[float, ...]]) -> list[Figure]:
    return [
        Figure(f"{what}, {CONNECTIONS} clients, pool of {size}", rates, "/s")
        for size, rates in taken.items()
    ]


@contextmanager
def _sidecar(clinic: Clinic, pool: int) -> Iterator[str]:
    """Run another sidecar beside the clinic's; gives its URL."""
    address = f"127.0.0.1:{free_port()}"
    environment = {
        **{k: v for k, v in dotenv_values(clinic.run_dir / "sidecar.env").items() if v},
        "SIDECAR_LISTEN": address,
        "DB_POOL_SIZE": str(pool),
    }
    programs = find_programs(unprivileged_account())
    environment |= programs.python_environment
    yield from _running(
        clinic.run_dir / f"sidecar-pool-{pool}.log",
        programs.module("api_extensions"),
        environment,
        f"http://{address}",
        "/readyz",
    )


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
    yield from _running(
        clinic.run_dir / f"pool-{pool}.log",
        [programs.from_npm("postgrest"), programs.root / "db" / "postgrest.conf"],
        environment,
        f"http://127.0.0.1:{port}",
        "/",
    )


def _running(
    log: Path,
    command: Sequence[str | Path],
    environment: Mapping[str, str],
    url: str,
    ready_path: str,
) -> Iterator[str]:
    """Run a server; gives its URL when the path is answered."""
    account = unprivileged_account()
    with log.open("ab") as output:
        server = start_process(
            command, log=output, account=account, environment=environment
        )
        try:
            _wait(url, ready_path)
            yield url
        finally:
            stop_process(server)


def _wait(url: str, path: str) -> None:
    """Wait until it is ready (PostgREST: has read the schema)."""
    while True:
        try:
            if send(Load(url, [request("GET", path)])).statuses[HTTP_OK]:
                return
        except (ConnectionError, AssertionError):
            pass
        time.sleep(0.05)
