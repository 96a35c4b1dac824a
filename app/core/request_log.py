"""One name for a request wherever it is told of: in its answer, in each log line, in the audit trail.

The id is our own. One that the caller gives (`X-Correlation-Id`) stands beside it if it is well formed, so it cannot
forge a line of the log, and comes back in the answer.
"""

import re
import secrets
import time

import structlog
from flask import Response, g, request

CORRELATION_HEADER = "X-Correlation-Id"
_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}", re.ASCII)

log = structlog.get_logger()


def begin() -> None:
    """Give the request its id."""
    request.environ["los.request_id"] = g.request_id = secrets.token_hex(8)
    g.started = time.monotonic()
    given = request.headers.get(CORRELATION_HEADER, "")
    g.correlation_id = given if _WELL_FORMED.fullmatch(given) else None
    names = {"request_id": g.request_id, "correlation_id": g.correlation_id}
    # threads serve one request after another
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**{name: value for name, value in names.items() if value})


def end(response: Response) -> Response:
    """Tell the id, and write the line that the request was answered."""
    response.headers["X-Request-Id"] = g.request_id
    if g.correlation_id:
        response.headers[CORRELATION_HEADER] = g.correlation_id
    log.info(
        "request",
        method=request.method,
        # the rule and not the path: what stands in a path may be personal
        route=str(request.url_rule) if request.url_rule else None,
        status=response.status_code,
        duration_ms=round(1000 * (time.monotonic() - g.started), 1),
    )
    return response
