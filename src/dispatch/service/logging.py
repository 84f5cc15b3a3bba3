"""How the service logs: JSON lines, or for a person at a terminal readable ones, both on stderr."""

import logging
import sys
from typing import Any, Final

import msgspec
import structlog

_SHARED: Final[list[Any]] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def _json(event: Any, **_: Any) -> str:
    return msgspec.json.encode(event, enc_hook=repr).decode()


def configure(level: str, *, readable: bool | None = None) -> None:
    """Send what structlog and the standard library log to stderr, from `level` up.

    `readable` for people; without it that is so when stderr is a terminal.
    """
    if readable is None:
        readable = sys.stderr.isatty()
    threshold = logging.getLevelNamesMapping()[level.upper()]
    ending: list[Any] = (
        [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
        if readable
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_json)]
    )
    structlog.configure(
        processors=[*_SHARED, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *_SHARED],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(threshold)
    # APScheduler says at "info" that it has woken, every second.
    logging.getLogger("apscheduler").setLevel(max(threshold, logging.WARNING))
