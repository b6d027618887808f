"""Where deliveries wait until the limits let them pass."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.delivery.limits import PERSON, Crowded, Limits
from bot.delivery.precedence import Rank, Shares


class Turnstile:
    """Where the deliveries of one recipient wait."""

    def __init__(
        self,
        limits: Limits,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        shares: Shares | None = None,
    ) -> None:
        """With `shares` all wait in place, as on the desk. Else one of a chat waits, others raise Crowded."""
        self._limits, self._sleep, self._shares = limits, sleep, shares
        self._waiting: set[int] = set()

    @property
    def waits(self) -> bool:
        """Tell whether something waits here: nothing of it is on its way yet."""
        return bool(self._waiting)

    async def room(self, chat_id: int, cost: int = 1, rank: Rank | None = None, *, book: bool = False) -> bool:
        """Wait until something may leave for a chat, and book it; True when that took a while."""
        waited = False
        while (seconds := self._left(chat_id, cost, rank, book)) > 0:
            own = self._limits.look_at_chat(chat_id, cost)
            if own > 0 and self._shares is None and (chat_id in self._waiting or own > PERSON[1]):
                raise Crowded(own)
            self._waiting.add(chat_id)
            try:
                await self._sleep(seconds)
            finally:
                self._waiting.discard(chat_id)
            waited = True
        return waited

    def _left(self, chat_id: int, cost: int, rank: Rank | None, book: bool) -> float:
        """Give the seconds until there is room; at 0, with `book`, it is taken."""
        if self._shares is None or rank is None:
            return self._limits.wait(chat_id, cost) if book else self._limits.look(chat_id, cost)
        seconds = self._shares.wait(rank, cost)
        if seconds <= 0:
            seconds = self._limits.wait(chat_id, cost) if book else self._limits.look(chat_id, cost)
        if seconds <= 0 and book:
            self._shares.book(rank, cost)
        return seconds
