"""Telegram's limits, kept in advance: sliding windows of what was sent."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

GROUP: Final = (20, 61.0)
"""Telegram's minute and a second: two clocks, and the way of a message, never agree to the instant."""
PERSON: Final = (1, 1.0)
ALL: Final = (25, 1.0)
"""Telegram allows 30 a second; the rest is for replies, which do not pass here."""
TOGETHER: Final = 20
"""Of those 25, so many leave together once they have to wait: one by one each would be a wake-up and a mark of its
own."""
SEVERAL: Final = 3
"""Chats paused at the same time from which on all are: the limit that was met is then the bot's own."""


class Crowded(Exception):
    """This chat may get nothing more just now: its delivery makes room for those of other chats."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class Window:
    """At most `most` sends within `seconds`."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._sent: deque[float] = deque()

    def wait(self, now: float, cost: int = 1, together: int = 1) -> float:
        """Give the seconds until `cost` sends fit; 0 when they fit now. More than fit at all need an empty window.

        What has to wait waits until `together` of them fit.
        """
        while self._sent and self._sent[0] <= now - self._seconds:
            self._sent.popleft()
        over = len(self._sent) + min(cost, self._most) - self._most
        return 0.0 if over <= 0 else self._sent[min(over + together - 1, len(self._sent)) - 1] + self._seconds - now

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
        self.clock = clock
        self._all = Window(*ALL)
        self._all_paused = 0.0
        self._chats: dict[int, Window] = {}
        self._paused: dict[int, float] = {}

    def look(self, chat_id: int, cost: int = 1) -> float:
        """Give the seconds until a send of `cost` messages into a chat may leave; nothing is booked."""
        now = self.clock()
        return max(self.look_at_chat(chat_id, cost), self._all_paused - now, self._all.wait(now, cost, TOGETHER))

    def look_at_chat(self, chat_id: int, cost: int = 1) -> float:
        """Like `look`, for what this chat alone is the reason of."""
        now, window = self.clock(), self._chats.get(chat_id)
        return max(self._paused.get(chat_id, 0.0) - now, window.wait(now, cost) if window else 0.0, 0.0)

    def wait(self, chat_id: int, cost: int = 1) -> float:
        """Like `look`, and at 0 the send is booked: it leaves now."""
        seconds = self.look(chat_id, cost)
        if seconds <= 0:
            now = self.clock()
            self._window(chat_id).book(now, cost)
            self._all.book(now, cost)
            self._forget_idle(now)
        return seconds

    def note(self, chat_id: int) -> None:
        """Note what leaves for a chat without passing here, such as a reply."""
        self._window(chat_id).book(self.clock())
        self._forget_idle(self.clock())

    def pause(self, chat_id: int, seconds: float) -> None:
        """Send nothing into a chat for so long: Telegram asked for it. When several are paused, all are."""
        now = self.clock()
        self._paused = {chat: until for chat, until in self._paused.items() if until > now}
        self._paused[chat_id] = now + seconds
        if len(self._paused) >= SEVERAL:
            self._all_paused = max(self._all_paused, now + seconds)

    def refill(self, chat_id: int, ages: Iterable[float]) -> None:
        """Note what an earlier process sent into a chat, each so many seconds ago; what is known here stays."""
        window = self._window(chat_id)
        if window.empty:
            now = self.clock()
            for age in sorted(ages, reverse=True):
                window.book(now - age)

    def _window(self, chat_id: int) -> Window:
        return self._chats.setdefault(chat_id, Window(*(GROUP if chat_id < 0 else PERSON)))

    def _forget_idle(self, now: float) -> None:
        if len(self._chats) > 1000:
            for window in self._chats.values():
                window.wait(now)
            self._chats = {chat: window for chat, window in self._chats.items() if not window.empty}
