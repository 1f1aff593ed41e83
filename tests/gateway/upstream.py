"""An upstream that records what it gets, and answers what it is told, to the byte."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Received:
    """One request as it arrived."""

    method: str
    target: str
    headers: Message
    body: bytes

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    def json(self) -> object:
        """The body, opened."""
        return json.loads(self.body)


def answer(
    body: object = None, status: int = 200, headers: Mapping[str, str] | None = None
) -> bytes:
    """Write an HTTP answer, chunked as PostgREST's are."""
    text = json.dumps(body, ensure_ascii=False).encode()
    lines = [f"HTTP/1.1 {status} Whatever", "Connection: close"]
    lines += ["Transfer-Encoding: chunked"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    head = "\r\n".join([*lines, "", ""]).encode()
    return head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(text), text)


@dataclass
class Upstream:
    """A running one.

    Attributes:
        address: host:port.
        reply: the bytes that it answers every request with.
        received: the requests so far.
    """

    address: str = ""
    reply: bytes = field(default_factory=answer)
    received: list[Received] = field(default_factory=list)

    def reset(self) -> None:
        """Forget what came, and what was to be answered."""
        self.reply = answer()
        self.received.clear()

    @property
    def only(self) -> Received:
        """The one request that came."""
        (request,) = self.received
        return request


@contextmanager
def running_upstream() -> Iterator[Upstream]:
    """Run an upstream on a free port of the loopback."""
    upstream = Upstream()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(upstream))
    server.daemon_threads = True
    upstream.address = f"127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield upstream
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(upstream: Upstream) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"  # so that a connection ends with its answer

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            length = int(self.headers.get("Content-Length", "0"))
            upstream.received.append(
                Received(self.command, self.path, self.headers, self.rfile.read(length))
            )
            self.wfile.write(upstream.reply)
            self.close_connection = True

    return Handler
