"""Connections that take no more than so many bytes, and so many early answers, whatever a site makes of HTTP.

Bodies are bounded where they are read; what a site may send before and around one, nobody reads but the parser.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from aiohttp import TCPConnector
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import HttpProcessingError

ANSWERS: Final = 8
"""Responses of one request: mostly one, and some `103 Early Hints` before it."""
AROUND: Final = 1 << 20
"""Bytes beside those of the body."""


class Bounded(ResponseHandler):
    """Reads one response, or ends the connection."""

    def __init__(self, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._left, self._answers = most, 0

    def data_received(self, data: bytes) -> None:
        """Parse what came, as long as it is not too much."""
        self._left -= len(data)
        if self._left >= 0 and self._answers <= ANSWERS:
            super().data_received(data)
        if (self._left < 0 or self._answers > ANSWERS) and self.transport is not None:
            self.set_exception(HttpProcessingError())
            self.transport.abort()

    def feed_data(self, data: Any, size: int = 0) -> None:
        """Count an answer."""
        self._answers += 1
        if self._answers <= ANSWERS:
            super().feed_data(data, size)


class BoundedConnector(TCPConnector):
    """Makes such connections."""

    def __init__(self, body: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        made: Any = partial(Bounded, body + AROUND, loop=self._loop)
        self._factory = made
