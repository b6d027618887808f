"""Sealing generations: the keys that sealed values lie under. `shekteu keys rotate` makes a new one and ends the old.

A generation is one row of lasting_keys: `next2` may be opened by everybody and is used by nobody yet, `seal2` is what
everybody seals under from then on, `kept2` is an old one that still holds something.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Final

from bot.privacy.sealing import open_sealed, seal

NEXT, SEAL, KEPT = "next", "seal", "kept"
MOST: Final = 255
"""A generation is one byte in front of what it seals."""
FORGET_AFTER: Final = 900.0
"""Seconds that a destroyed key stays in memory: what was read just before, such as a delivery that waits for
Telegram's limits, must still open."""
AHEAD: Final = 3
"""So many generations may be newer than what this process knows; any other number is damage."""
_PURPOSE: Final = re.compile(rf"({NEXT}|{SEAL}|{KEPT})(\d{{1,3}})")


class NewGeneration(Exception):
    """This was sealed under a key that another process has just made: it opens once this one has looked again."""


def read_purpose(purpose: str) -> tuple[str, int] | None:
    """Read a purpose like `seal2`; None for a key that seals nothing."""
    match = _PURPOSE.fullmatch(purpose)
    return (match[1], int(match[2])) if match else None


class Generations:
    """The generations that this process knows, and the one that it seals under."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._keys: dict[int, bytes] = {}
        self._gone: dict[int, float] = {}
        self._missed: set[int] = set()
        self._sought: set[int] = set()
        self.current = 0

    @property
    def newest(self) -> int:
        """Give the newest generation that can be opened; nobody may seal under it yet."""
        return max(self._keys, default=0)

    @property
    def behind(self) -> bool:
        """Tell whether something was met that a look into the database may let open."""
        return bool(self._missed)

    def learn(self, keys: Mapping[str, bytes]) -> None:
        """Take in what the database holds, by purpose. What this process seals under never goes back."""
        read = {read_purpose(purpose): key for purpose, key in keys.items()}
        here = {known[1]: key for known, key in read.items() if known}
        self._keys |= here
        self.current = max([self.current, *(known[1] for known in read if known and known[0] == SEAL)])
        self._forget(self._keys.keys() - here.keys() - {self.current})
        self._sought |= self._missed
        self._missed = set()

    def seal(self, row: bytes, plain: bytes) -> bytes:
        """Seal for a row under the current generation."""
        return seal(self._keys[self.current], self.current, row, plain)

    def open(self, row: bytes, sealed: bytes) -> bytes:
        """Open what `seal` made for the same row; raise CannotOpen, or NewGeneration when a look may help."""
        if sealed and self.newest < sealed[0] <= self.newest + AHEAD and sealed[0] not in self._sought:
            self._missed.add(sealed[0])
            raise NewGeneration
        return open_sealed(self._keys, row, sealed)

    def _forget(self, absent: set[int]) -> None:
        """Forget keys that are destroyed, a while after."""
        now = self._now()
        self._gone = {number: self._gone.get(number, now) for number in absent}
        for number, since in self._gone.items():
            if now - since > FORGET_AFTER:
                del self._keys[number]
