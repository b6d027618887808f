"""The one clock. SQL takes the time as a parameter, so that tests move it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Give the present moment, in UTC."""
    return datetime.fromtimestamp(time.time(), UTC)


def to_minute(moment: datetime) -> datetime:
    """Cut a moment to its minute: seconds would help to match a report with a person's phone."""
    return moment.replace(second=0, microsecond=0)
