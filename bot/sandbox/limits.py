"""How many messages Telegram lets a bot send."""

import math
from collections import deque
from collections.abc import Callable

from bot.sandbox.errors import too_many

GROUP = (20, 60.0)
PERSON = (20, 20.0)
ALL = (30, 1.0)
# A clock of floats may come a hair short of what retry_after promised.
_SLACK = 0.001


class Limits:
    """Sliding windows: 20 a minute into a group, 20 in 20 s to a person, 30 a second in all."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.enabled = True
        self._clock = clock
        self._sent: dict[int | None, deque[float]] = {}

    def take(self, chat_id: int, count: int = 1) -> None:
        """Count messages (parts of an album, edits, topics) into a chat, or raise 429 with retry_after."""
        if not self.enabled:
            return
        windows = ((chat_id, GROUP if chat_id < 0 else PERSON), (None, ALL))
        waits = [self._wait(key, count, *window) for key, window in windows]
        if any(waits):
            raise too_many(max(1, math.ceil(max(waits) - _SLACK)))
        for key, _ in windows:
            self._sent[key].extend([self._clock()] * count)

    def _wait(self, key: int | None, count: int, most: int, seconds: float) -> float:
        now = self._clock()
        sent = self._sent.setdefault(key, deque())
        while sent and sent[0] <= now - seconds + _SLACK:
            sent.popleft()
        excess = len(sent) + count - most
        return 0.0 if excess <= 0 else sent[min(excess, len(sent)) - 1] + seconds - now
