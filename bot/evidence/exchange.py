"""What was asked and answered, as it went over the line: what a capture keeps, and what is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

Headers = list[tuple[str, str]]
"""In the order in which they stood; bytes that are no ASCII as surrogates."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its response."""

    url: str
    asked_at: datetime
    address: str
    """The address that answered; empty where a proxy stood between."""
    request: Headers
    """Of a GET: nothing else is ever sent."""
    path: str
    status: int
    reason: str
    version: str
    headers: Headers
    body: bytes
    """As it was sent, compressed or not."""
    truncated: str = ""
    """Why the body is not whole: `length`, `time` or `disconnect`, as WARC calls it."""

    def header(self, name: str) -> str:
        """Give a header of the response, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page that was looked at, with what led to it."""

    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def last(self) -> Exchange:
        """Give the exchange in which the page came."""
        return self.exchanges[-1]
