"""Who goes next on a desk, which takes 20 messages a minute: what is sent there is ranked, and each rank has its share.

What was hidden goes first of all, and needs no share: what must be seen by nobody is seen until it has left. An officer
who pressed a button waits for what it did, so answers come next, and `KEPT` messages of each minute are theirs alone:
new cards leave them free even when nobody presses anything. A card that stands there and says what is no longer true
misleads, so edits come before new cards. Precedence alone would let a burst of edits hold back new cards for hours, or
busy officers everything else. So whoever waits further down is left `LEAST` messages of each minute. The other way
round nothing can starve: what is above goes first, and one change of a card or a hundred cost one edit.

Last of all come cards whose decision can be taken back no more, and that show nothing else that is new: they are edited
when half of the minute is free, so that a desk in haste pays one edit for a decision and not two.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum
from typing import Final
from uuid import UUID

from bot.delivery import limits

KEPT: Final = 5
"""Messages of each minute that only answers to officers may use."""
LEAST: Final = 5
"""Messages of each minute that edits, and that new cards, get when they wait, whatever stands above them."""


class Rank(IntEnum):
    """What goes first on a desk."""

    HIDE = 0
    """What takes hidden photos, words and points off the desk."""
    ANSWER = 1
    """What an officer's press or reply has caused: forms, and edits of the card that was pressed."""
    DIGEST = 2
    """How many cards wait: at most one message a minute."""
    FOLLOWING = 3
    """What belongs to a card that stands there: its edits; its photos, points and additions, sent under it."""
    NEW = 4
    """Cards to be posted."""
    SETTLED = 5
    """Cards that stand, and only offer to take back what can be taken back no more."""


class Shares:
    """What each rank has used of the desk's minute, and who may go next."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._most, self._seconds = limits.GROUP
        self._sent: deque[tuple[float, Rank, int]] = deque()
        self._costs: dict[int | UUID, int] = {}

    def first(self, heads: Mapping[Rank, int]) -> Rank:
        """Choose from the ranks that wait, each with what its first delivery costs.

        The choice stands until it is sent or something above it comes: else an album, which needs half a minute's
        messages at once, would be overtaken for ever by what needs one.
        """
        for rank in sorted(heads):
            if self._within_share(rank, heads[rank], heads):
                return rank
        return max((rank for rank in heads if rank is not Rank.SETTLED), default=Rank.SETTLED)

    def wait(self, rank: Rank, cost: int) -> float:
        """Give the seconds until a delivery leaves those messages free that are kept for others; 0 for answers."""
        now = self._forget_old()
        if rank in (Rank.HIDE, Rank.ANSWER):
            return 0.0
        settled = rank is Rank.SETTLED
        most = self._most // 2 if settled else self._most - KEPT
        over = self._used(lambda other: settled or other is not Rank.ANSWER) + min(cost, most) - most
        if over <= 0:
            return 0.0
        for at, other, used in self._sent:
            over -= used if settled or other is not Rank.ANSWER else 0
            if over <= 0:
                return at + self._seconds - now
        return 0.0

    def book(self, rank: Rank, cost: int) -> None:
        """Note what leaves now."""
        self._sent.append((self._clock(), rank, cost))

    def refill(self, sent: Iterable[tuple[float, Rank, int]]) -> None:
        """Note what an earlier process sent: (seconds ago, rank, cost); what is known here stays."""
        if not self._sent:
            now = self._clock()
            self._sent.extend((now - age, rank, cost) for age, rank, cost in sorted(sent, reverse=True))

    def learn(self, key: int | UUID, cost: int) -> None:
        """Note what a delivery costs: only rendering it tells that of an album."""
        self._costs[key] = cost

    def forget(self, key: int | UUID) -> None:
        """Forget the cost of a delivery that has left, or never will."""
        self._costs.pop(key, None)

    def cost(self, key: int | UUID) -> int:
        """Give what a delivery costs, as far as that is known."""
        return self._costs.get(key, 1)

    def _within_share(self, rank: Rank, cost: int, waiting: Mapping[Rank, int]) -> bool:
        self._forget_old()
        if rank in (Rank.HIDE, Rank.SETTLED):
            return rank is Rank.HIDE or self.wait(rank, cost) <= 0
        below = [other for other in (Rank.FOLLOWING, Rank.NEW) if other > rank and other in waiting]
        most = self._most - LEAST * len(below)
        fits = self._used(lambda other: other <= rank) + cost <= most
        if rank is not Rank.ANSWER:
            fits = fits and self._used(lambda other: other is not Rank.ANSWER and other <= rank) + cost <= most - KEPT
        if fits:
            return True
        # An album may cost more than the whole share: it goes when those below have had theirs.
        return not self._used_by(rank) and all(self._used_by(one) >= LEAST for one in below)

    def _used_by(self, rank: Rank) -> int:
        return self._used(lambda other: other is rank)

    def _used(self, counts: Callable[[Rank], bool]) -> int:
        return sum(cost for _, rank, cost in self._sent if counts(rank))

    def _forget_old(self) -> float:
        now = self._clock()
        while self._sent and self._sent[0][0] <= now - self._seconds:
            self._sent.popleft()
        return now
