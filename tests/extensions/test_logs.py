"""What a log line must not tell."""

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from api_extensions.logs import configure_logging, mask


def test_secrets_are_hidden_by_their_name_at_any_depth() -> None:
    event = {"body": [{"newPassword": "x", "refresh_token": "y"}], "card_pan": "502229"}
    assert mask(event) == {
        "body": [{"newPassword": "***", "refresh_token": "***"}],
        "card_pan": "***",
    }


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is logged, as the process's standard output gets it."""
    stream, root = io.StringIO(), logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    # configure_logging closes and replaces the handlers: pytest's are hidden from it.
    root.handlers = []
    monkeypatch.setattr(sys, "stdout", stream)
    configure_logging("INFO")
    yield stream
    structlog.reset_defaults()
    root.handlers = handlers
    root.setLevel(level)


def test_a_line_is_json_with_the_request_id_and_readable_persian(
    output: io.StringIO,
) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        structlog.get_logger().info("sms_printed", body="سلام", recipient="09121234567")
    line = output.getvalue()
    assert "سلام" in line
    assert json.loads(line) | {"timestamp": ""} == {
        "event": "sms_printed",
        "body": "سلام",
        "recipient": "0912****567",
        "request_id": "r-1",
        "level": "info",
        "timestamp": "",
    }


def test_an_exception_is_told_without_the_rows_that_postgresql_quotes(
    output: io.StringIO,
) -> None:
    name = "Sara"
    try:
        raise ValueError(f"duplicate key\nDETAIL: Key (name)=({name}) exists")
    except ValueError:
        logging.getLogger("elsewhere").exception("failed")
    line = output.getvalue()
    assert "ValueError: duplicate key" in json.loads(line)["exception"]
    assert "(Sara)" not in line
