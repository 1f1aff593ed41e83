"""The one shape of every answer, and the middleware that gives it to failures too."""

import json
import time
from functools import partial
from http import HTTPStatus
from typing import Any

import psycopg
import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from api_extensions import errors, trace
from api_extensions.errors import AppError
from api_extensions.metrics.counts import count_request

log = structlog.get_logger()

_dumps = partial(json.dumps, ensure_ascii=False, default=str)
# Answers carry people's data, tokens or the state of a payment.
_NEVER_CACHED = {"Cache-Control": "no-store"}
_HTTP_CODES = {
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
}


def success(data: Any, *, status: int = 200) -> web.Response:
    """Answer with data (JSON-ready, camelCase) in the envelope."""
    body = {"ok": True, "data": data}
    return web.json_response(body, status=status, dumps=_dumps)


def failure(error: AppError) -> web.Response:
    """Answer a refusal in the envelope."""
    content = {
        "code": error.code,
        "message": error.message,
        "details": error.details,
    }
    return web.json_response(
        {"ok": False, "error": content},
        status=error.status,
        headers=error.headers,
        dumps=_dumps,
    )


@web.middleware
async def envelope_middleware(
    request: web.Request, handler: Handler
) -> web.StreamResponse:
    """Trace the request, turn whatever goes wrong into the envelope, log one line."""
    started = time.perf_counter()
    request_id = trace.accepted_id(request.headers.get("X-Request-Id", ""))
    ip = request.headers.get("X-Real-IP", request.remote or "")
    with trace.tracing(trace.Trace(request_id, ip)):
        response = await _answer(request, handler)
        response.headers.update(_NEVER_CACHED)
        count_request(request, response.status, started)
        # The path only: a callback's query holds the attempt's nonce.
        log.info(
            "request",
            method=request.method,
            path=request.path,
            status=response.status,
            duration_ms=round((time.perf_counter() - started) * 1000, 1),
        )
    return response


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except AppError as error:
        return failure(error)
    except psycopg.Error as error:
        return failure(_logged(error))
    except web.HTTPException as error:
        return (
            error
            if error.status < HTTPStatus.BAD_REQUEST
            else failure(_from_http(error))
        )
    except Exception:  # the caller gets an answer, the log the reason
        log.exception("request_failed")
        return failure(errors.internal())


def _logged(error: psycopg.Error) -> AppError:
    """Translate a database error; those that are not refusals of ours are logged."""
    answer = errors.from_database(error)
    if error.sqlstate != errors.RAISED_BY_US:
        log.error(
            "database_error",
            sqlstate=error.sqlstate,
            constraint=error.diag.constraint_name,
            function=error.diag.context,
            # Where a time-out or a lost connection met us says nothing about its cause.
            exc_info=None if answer.code == "UNAVAILABLE" else error,
        )
    return answer


def _from_http(error: web.HTTPException) -> AppError:
    code = _HTTP_CODES.get(error.status)
    if code is None:
        is_ours = error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        return errors.internal() if is_ours else errors.malformed(error.status)
    allow = error.headers.get("Allow")
    return AppError(code, error.reason, headers={"Allow": allow} if allow else None)
