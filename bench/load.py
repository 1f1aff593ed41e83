"""The load: many keep-alive connections in one loop, and as little work as can be.

It shares the machine with what it measures, so a request costs it some ten
microseconds: requests are bytes made beforehand, and of an answer it reads the status
and where it ends. What it can do at most, the scenario `ceiling` measures.
"""

import re
import select
import socket
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle, islice
from multiprocessing import get_context
from urllib.parse import urlsplit

from bench.figures import percentile

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_RECEIVE = 1 << 18
_STUCK_SECONDS = 30


@dataclass(frozen=True)
class Load:
    """What to send.

    Attributes:
        url: of the server, without a path.
        requests: whole requests (`request` makes one).
        connections: so many of them are under way at a time.
        seconds: begin again from the first request until that time is over; None sends
            each request once.
    """

    url: str
    requests: Sequence[bytes]
    connections: int = 16
    seconds: float | None = None


@dataclass
class Outcome:
    """What came back.

    Attributes:
        latencies: seconds that each answer took, in the order of the answers.
        statuses: how many answers had each status of HTTP.
        seconds: from the first request to the last answer.
    """

    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def milliseconds(self, share: float) -> float:
        """Return the latency that this share of the answers does not exceed."""
        return 1000 * percentile(self.latencies, share)

    def expect(self, *allowed: int) -> "Outcome":
        """Return itself.

        Raises:
            AssertionError: an answer has another status than these.
        """
        if set(self.statuses) - set(allowed):
            raise AssertionError(f"Answers by status: {dict(self.statuses)}")
        return self


def request(
    method: str, path: str, token: str = "", body: bytes = b"", **headers: str
) -> bytes:
    """Return the bytes of a request, with JSON in its body if there is one."""
    lines = [f"{method} {path} HTTP/1.1", "Host: bench"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def send(load: Load) -> Outcome:
    """Send the load and wait for all its answers."""
    outcome = Outcome()
    began = time.perf_counter()
    until = began + (load.seconds or float("inf"))
    waiting = iter(load.requests if load.seconds is None else cycle(load.requests))
    clients: dict[int, _Client] = {}
    with select.epoll() as poll:
        for message in islice(waiting, load.connections):
            client = _Client(load.url, poll)
            client.ask(message)
            clients[client.descriptor] = client
        while clients:
            ready = poll.poll(_STUCK_SECONDS)
            if not ready:
                raise AssertionError(f"{len(clients)} requests are never answered")
            for descriptor, _ in ready:
                client = clients[descriptor]
                if not client.read():
                    continue
                now = time.perf_counter()
                outcome.latencies.append(now - client.began)
                outcome.statuses[client.status] += 1
                del clients[descriptor]
                message = next(waiting, b"") if now < until else b""
                if message:
                    client.ask(message)
                    clients[client.descriptor] = client
                else:
                    client.close()
    outcome.seconds = time.perf_counter() - began
    return outcome


def send_steadily(load: Load, rate: float) -> Outcome:
    """Send so many requests a second, whether those before are answered or not.

    A latency counts from the moment at which its request was due, so that a stall shows
    in every request that it keeps waiting.
    """
    outcome = Outcome()
    began = time.perf_counter()
    waiting = deque(
        (began + number / rate, message) for number, message in enumerate(load.requests)
    )
    busy: dict[int, _Client] = {}
    with select.epoll() as poll:
        idle = [_Client(load.url, poll) for _ in range(load.connections)]
        while waiting or busy:
            now = time.perf_counter()
            while idle and waiting and waiting[0][0] <= now:
                client = idle.pop()
                due, message = waiting.popleft()
                client.ask(message)
                client.began = due
                busy[client.descriptor] = client
            is_paused = bool(idle and waiting)
            ready = poll.poll(waiting[0][0] - now if is_paused else _STUCK_SECONDS)
            if not ready and not is_paused:
                raise AssertionError(f"{len(busy)} requests are never answered")
            for descriptor, _ in ready:
                client = busy[descriptor]
                if client.read():
                    outcome.latencies.append(time.perf_counter() - client.began)
                    outcome.statuses[client.status] += 1
                    idle.append(busy.pop(descriptor))
        for client in idle:
            client.close()
    outcome.seconds = time.perf_counter() - began
    return outcome


def send_together(loads: Mapping[str, Load]) -> dict[str, Outcome]:
    """Send several loads at once, each from a process of its own."""
    with ProcessPoolExecutor(len(loads), mp_context=get_context("spawn")) as pool:
        list(pool.map(time.sleep, [0.3] * len(loads)))  # every process is there
        outcomes = pool.map(send, loads.values())
        return dict(zip(loads, outcomes, strict=True))


class _Client:
    """One connection; when the server closes it, as nginx does at times, the next."""

    def __init__(self, url: str, poll: select.epoll) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or "", parts.port or 80)
        self._poll = poll
        self._answer = b""
        self.began = 0.0
        self._connect()

    @property
    def descriptor(self) -> int:
        """What the poll knows the connection by."""
        return self._connection.fileno()

    @property
    def status(self) -> int:
        """Of the answer that was read last."""
        return int(self._answer[9:12])

    def ask(self, message: bytes) -> None:
        """Send a request."""
        if b"\r\nConnection: close\r\n" in self._answer:
            self.close()
            self._connect()
        self._answer = b""
        self.began = time.perf_counter()
        self._connection.sendall(message)

    def read(self) -> bool:
        """Read what is there; return whether the answer is whole."""
        received = self._connection.recv(_RECEIVE)
        if not received:
            raise ConnectionError("The server broke off")
        self._answer += received
        head, mark, body = self._answer.partition(b"\r\n\r\n")
        if not mark:
            return False
        length = _LENGTH.search(head)
        if length:
            return len(body) >= int(length[1])
        return b"chunked" not in head or body.endswith(b"0\r\n\r\n")

    def close(self) -> None:
        """Hang up."""
        self._poll.unregister(self._connection)
        self._connection.close()

    def _connect(self) -> None:
        self._connection = socket.create_connection(self._address)
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._poll.register(self._connection, select.EPOLLIN)
