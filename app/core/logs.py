"""Structured logs, one JSON object a line, with personal data and secrets masked by the same table as everywhere."""

import logging
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

from app.core.masking import mask, mask_text

_SAFE = ("event", "level", "timestamp", "brand", "outbox", "request_id")


def _masked(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {key: value if key in _SAFE else _mask(key, value) for key, value in event.items()}


def _mask(key: str, value: Any) -> Any:
    if key == "exception":  # line by line: a long text is cut, and the end of a trace is what matters
        return "\n".join(mask_text(line) for line in value.splitlines())
    return mask({key: value})[key]


def configure(level: str, stream: TextIO) -> None:
    """Set structlog up for this process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _masked,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
