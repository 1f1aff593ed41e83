"""JSON log lines on standard output, with nothing secret in them."""

import json
import logging
import re
import sys
import traceback
from functools import partial
from typing import Any

import structlog
from structlog.typing import EventDict, ExcInfo, WrappedLogger

from api_extensions.masking import mask_text

_SECRET_KEY = re.compile(
    r"password|secret|token|nonce|authorization|cookie|api_?key|merchant|card", re.I
)


def mask(value: Any) -> Any:
    """Hide what is secret anywhere inside a value that is about to be logged."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, dict):
        return {key: _mask_item(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask(item) for item in value]
    return value


def _mask_item(key: str, item: Any) -> Any:
    return "***" if _SECRET_KEY.search(key) else mask(item)


def _mask_event(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {key: _mask_item(key, item) for key, item in event.items()}


def _describe_exception(exc_info: ExcInfo) -> str:
    """Tell where and what, but not the rows that PostgreSQL quotes after line one."""
    kind, error, trace = exc_info
    first_line = str(error).partition("\n")[0]
    frames = "".join(traceback.format_tb(trace))
    return f"{frames}{kind.__name__}: {first_line}"


_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure_logging(level: str) -> None:
    """Send structlog's events and everybody else's log records through one formatter.

    Args:
        level: a name of the standard library's, such as INFO.
    """
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_formatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)


def _formatter() -> logging.Formatter:
    renderer = structlog.processors.JSONRenderer(
        partial(json.dumps, ensure_ascii=False)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.ExceptionRenderer(_describe_exception),
            _mask_event,
            renderer,
        ],
    )
