"""What servers write as text becomes JSON, without what nobody may read in a log."""

import json
import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from stack.json_log.lines import entry
from stack.programs import find_programs

POSTGRES = "2026-11-26 20:27:24.036 UTC [3867] sidecar@vetline"
NGINX = "2026/11/26 21:50:44 [error] 12#12: *5"
REQUEST = "request-0001"


def json_log(*command: str) -> subprocess.Popen[bytes]:
    """Start the reader of a part `x`, or `command` with it."""
    return subprocess.Popen(
        [sys.executable, "-S", "-m", "stack.json_log", "x", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=find_programs(None).python_environment,
    )


def messages(output: bytes) -> list[str]:
    """Return what the lines say."""
    return [json.loads(line)["message"] for line in output.splitlines()]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            f"{POSTGRES} 57014 {REQUEST} ERROR:  canceling statement",
            {
                "level": "error",
                "message": "canceling statement",
                "user": "sidecar@vetline",
                "code": "57014",
                "request_id": REQUEST,
            },
        ),
        (
            "2026-11-26 20:27:24.036 UTC [3867] @ 00000  LOG:  starting",
            {"level": "info", "message": "starting"},
        ),
        (
            f'{NGINX} js: {REQUEST}: PostgREST 503, request: "GET /a?n=1 HTTP/1.1"',
            {
                "level": "error",
                "message": 'PostgREST 503, request: "GET /a?*** HTTP/1.1"',
                "connection": "5",
                "request_id": REQUEST,
            },
        ),
        (
            "nginx: [emerg] bind() failed",
            {"level": "critical", "message": "bind() failed"},
        ),
        (
            "26/Nov/2026:20:27:27 +0000: Schema cache loaded",
            {"level": "info", "message": "Schema cache loaded"},
        ),
        (
            '- - anon [26/Nov/2026:20:27:27 +0000] "GET /pets?a=eq.b HTTP/1.1" 503 -',
            {
                "level": "error",
                "message": '"GET /pets?*** HTTP/1.1" 503 -',
                "user": "anon",
            },
        ),
        (
            "W1126 20:27:22.350783 master.go:400 no space",
            {"level": "warning", "message": "master.go:400 no space"},
        ),
        ("applied 0001_first", {"level": "info", "message": "applied 0001_first"}),
    ],
)
def test_each_server_is_understood(line: str, told: dict[str, str]) -> None:
    found = entry("x", line)
    assert found.pop("time").endswith("+00:00")
    assert found == {"part": "x", **told}


@pytest.mark.parametrize(
    ("code", "level", "message", "left"),
    [
        (
            "22P02",
            "ERROR",
            'invalid input syntax for type uuid: "گربه"',
            'invalid input syntax for type uuid: "***"',
        ),
        ("22003", "ERROR", 'value "99 cats" is large', 'value "***" is large'),
        ("42601", "ERROR", 'syntax error at "گربه"', 'syntax error at "***"'),
        ("42P01", "ERROR", 'no relation "app.pets"', 'no relation "app.pets"'),
        ("58P01", "FATAL", 'could not open "/a/B"', 'could not open "/a/B"'),
        (
            "PGRST",
            "ERROR",
            '{"code": "SLOT_FULL", "message": "It is full.", "details": "گربه"}',
            "SLOT_FULL: It is full.",
        ),
        ("PGRST", "ERROR", '{"code": "SLOT_FULL", "details": "گر', "***"),
        ("PGRST", "ERROR", '{"code": "SLOT_FULL"}', "***"),
        ("PGRST", "ERROR", '["SLOT_FULL"]', "***"),
        ("PGRST", "ERROR", "[" * 100_000, "***"),
        (
            "00000",
            "LOG",
            "duration: 600.1 ms  statement: select 'گر''به', $a$گربه$a$, 1\n\tfrom 'گر",
            "duration: 600.1 ms  statement: select '***', '***', 1\n\tfrom '***'",
        ),
    ],
)
def test_what_people_typed_is_left_out(
    code: str, level: str, message: str, left: str
) -> None:
    line = f"{POSTGRES} {code} {REQUEST} {level}:  {message}"
    assert entry("x", line)["message"] == left


def test_secrets_are_hidden_in_whatever_a_part_says() -> None:
    told = entry("x", "postgresql://sidecar:secret@db: to 09121234567")
    assert told["message"] == "postgresql://***@db: to 0912****567"


def test_lines_that_continue_one_stay_with_it() -> None:
    with json_log() as reader:
        assert reader.stdin
        assert reader.stdout
        for text in (b"one\n", b"\ttwo\nthr", b"ee\n", b"fo"):
            reader.stdin.write(text)
            reader.stdin.flush()
        reader.stdin.close()
        assert messages(reader.stdout.read()) == ["one\n\ttwo", "three", "fo"]


def test_no_line_ends_the_reader() -> None:
    """Whoever may raise errors in the database would end the server with it."""
    half = rb'{"code": "A", "message": "\ud800"}'
    lines = [f"{POSTGRES} PGRST psql ERROR:  ".encode() + half, b"{" * 100_000, b"[1]"]
    with json_log() as reader:
        output, _ = reader.communicate(b"\n".join([*lines, b"still here"]))
    assert messages(output)[0] == "A: ?"
    assert messages(output)[-1] == "still here"
    assert reader.returncode == 0


def test_json_of_a_part_is_passed_on_as_it_is() -> None:
    own = b'{"timestamp": "2026-11-26", "event": "x"}\n'
    with json_log() as reader:
        output, _ = reader.communicate(own + b'{"code": "PGRST000"}\n')
    first, second = output.splitlines(keepends=True)
    assert first == own
    assert messages(second) == ['{"code": "PGRST000"}']


def test_a_command_keeps_its_last_words_and_its_status() -> None:
    with json_log("sh", "-c", "echo no room >&2; exit 3") as process:
        output, _ = process.communicate()
    assert messages(output) == ["no room"]
    assert process.returncode == 3


def test_what_a_command_leaves_behind_is_not_waited_for() -> None:
    """The first process of nginx killed, its workers would keep a container alive."""
    with json_log("sh", "-c", "sleep 20 & echo $!; kill -9 $$") as process:
        output, _ = process.communicate(timeout=10)
        os.kill(int(messages(output)[0]), signal.SIGKILL)
    assert process.returncode == 128 + signal.SIGKILL


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 7), (signal.SIGQUIT, 128 + signal.SIGQUIT)],
)
def test_a_command_gets_the_signals(number: signal.Signals, status: int) -> None:
    script = "trap 'echo stopped; exit 7' INT; echo ready; while :; do sleep 0.05; done"
    with json_log("sh", "-c", script) as process:
        assert process.stdout
        assert messages(process.stdout.readline()) == ["ready"]
        os.kill(process.pid, number)
        said: Any = process.stdout.read()
    assert messages(said) == (["stopped"] if status == 7 else [])
    assert process.returncode == status
