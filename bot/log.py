"""Log events that cannot carry an identity: named fields of safe kinds, exceptions as type and place only."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import structlog

SAFE_FIELDS: Final = frozenset(
    {
        *("event", "level", "timestamp", "logger", "error", "place", "method", "code", "count", "seconds"),
        *("setting", "kind", "act", "outcome", "address", "job", "revision", "template", "state", "size"),
    }
)
"""Only these pass; a field of another name is dropped, whatever it holds."""


def error_place(error: BaseException) -> str:
    """Give where an exception was raised, as `file.py:line function`, never its text or its locals."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return ""
    last = frames[-1]
    return f"{last.filename.rsplit('/', 1)[-1]}:{last.lineno} {last.name}"


def error_fields(error: BaseException) -> dict[str, str]:
    """Describe an exception for the log."""
    return {"error": type(error).__name__, "place": error_place(error)}


def _only_safe(_: Any, __: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in event.items() if name in SAFE_FIELDS}


class _TypeAndPlace(logging.Formatter):
    """The second wall: what libraries log is cut to logger, level and the kind of exception."""

    def format(self, record: logging.LogRecord) -> str:
        """Give one line without the record's message, which may hold an address, a token or a text."""
        error = record.exc_info[1] if record.exc_info else None
        fields = " ".join(f"{name}={value}" for name, value in error_fields(error).items()) if error else ""
        return f"{record.levelname.lower():8} {record.name} {record.filename}:{record.lineno} {fields}".rstrip()


def configure(level: str = "INFO") -> None:
    """Set logging up for this process: our events to stderr, libraries by type and place."""
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_safe,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_TypeAndPlace())
    logging.basicConfig(
        level=max(logging.WARNING, logging.getLevelNamesMapping()[level]), handlers=[handler], force=True
    )


def get_logger() -> Any:
    """Give the log of events."""
    return structlog.get_logger()
