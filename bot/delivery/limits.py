"""Telegram's limits, kept in advance: sliding windows of what was sent."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Final

GROUP: Final = (20, 60.0)
PERSON: Final = (1, 1.0)
ALL: Final = (25, 1.0)
"""Telegram allows 30 a second; the rest is for replies, which do not pass here."""


class Window:
    """At most `most` sends within `seconds`."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._sent: deque[float] = deque()

    def wait(self, now: float, cost: int = 1) -> float:
        """Give the seconds until `cost` sends fit; 0 when they fit now. More than fit at all need an empty window."""
        while self._sent and self._sent[0] <= now - self._seconds:
            self._sent.popleft()
        over = len(self._sent) + min(cost, self._most) - self._most
        return 0.0 if over <= 0 else self._sent[over - 1] + self._seconds - now

    def book(self, now: float, cost: int = 1) -> None:
        """Note `cost` sends."""
        self._sent.extend([now] * cost)

    @property
    def empty(self) -> bool:
        """Tell whether nothing of this window is remembered."""
        return not self._sent


class Limits:
    """The windows of all chats, and the pauses that Telegram asked for."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._all = Window(*ALL)
        self._chats: dict[int, Window] = {}
        self._paused: dict[int, float] = {}

    def wait(self, chat_id: int, cost: int = 1) -> float:
        """Give the seconds until a send of `cost` messages into a chat may leave; 0: now, and it is booked."""
        now = self._clock()
        pause = self._paused.get(chat_id, 0.0) - now
        if pause > 0:
            return pause
        self._paused.pop(chat_id, None)
        window = self._chats.setdefault(chat_id, Window(*(GROUP if chat_id < 0 else PERSON)))
        seconds = max(window.wait(now, cost), self._all.wait(now, cost))
        if seconds <= 0:
            window.book(now, cost)
            self._all.book(now, cost)
        self._forget_idle(now)
        return max(seconds, 0.0)

    def pause(self, chat_id: int, seconds: float) -> None:
        """Send nothing into a chat for so long: Telegram asked for it."""
        self._paused[chat_id] = self._clock() + seconds

    def _forget_idle(self, now: float) -> None:
        if len(self._chats) > 1000:
            for window in self._chats.values():
                window.wait(now)
            self._chats = {chat: window for chat, window in self._chats.items() if not window.empty}
