"""The load generator, against a server that answers in every way that it meets."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.load import Load, request, send, send_steadily
from bench.rounds import in_turns


class Server(BaseHTTPRequestHandler):
    """Answers with a length, in chunks, or by hanging up after it."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer by the path."""
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/closed":
            self.send_response(200)
            self.send_header("Connection", "close")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path == "/chunked":
            self.send_response(409)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"2\r\nok\r\n0\r\n\r\n")
        else:
            self.send_response(200)
            self.send_header("Content-Length", str(len(asked)))
            self.end_headers()
            self.wfile.write(asked)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("path", "status"), [("/", 200), ("/chunked", 409), ("/closed", 200)]
)
def test_every_request_is_answered_once(url: str, path: str, status: int) -> None:
    messages = [request("POST", path, "token", b"{}")] * 20
    outcome = send(Load(url, messages, connections=3))
    assert outcome.statuses == {status: 20}
    assert len(outcome.latencies) == 20


def test_a_load_by_time_begins_again_until_it_is_over(url: str) -> None:
    message = request("POST", "/", body=b"{}")
    assert send(Load(url, [message], 2, seconds=0.1)).statuses.total() > 2


def test_a_steady_load_keeps_to_its_rate(url: str) -> None:
    messages = [request("POST", "/", body=b"{}")] * 20
    outcome = send_steadily(Load(url, messages, connections=3), rate=100)
    assert outcome.statuses == {200: 20}
    assert outcome.seconds >= 0.19


def test_a_steady_load_counts_the_wait_for_a_free_connection(url: str) -> None:
    """All are due at once, and each waits for those before it."""
    messages = [request("POST", "/", body=b"{}")] * 20
    outcome = send_steadily(Load(url, messages, connections=1), rate=1e6)
    assert outcome.latencies == sorted(outcome.latencies)
    assert outcome.latencies[-1] == pytest.approx(outcome.seconds, rel=0.2)


def test_an_unexpected_status_is_no_result(url: str) -> None:
    outcome = send(Load(url, [request("POST", "/chunked", body=b"{}")]))
    with pytest.raises(AssertionError):
        outcome.expect(200)


def test_subjects_take_turns_and_the_first_round_warms_up() -> None:
    played: list[str] = []

    def play(name: str) -> float:
        played.append(name)
        return float(len(played))

    taken = in_turns({"a": lambda: play("a"), "b": lambda: play("b")}, rounds=2)
    assert played == ["a", "b"] * 3
    assert taken == {"a": (3, 5), "b": (4, 6)}
