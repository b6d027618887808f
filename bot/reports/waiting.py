"""How long what an officer caused waits: a press can be taken back, and nobody sees whose phone lights up."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

_CHANCE: Final = random.SystemRandom()
"""Nobody can foresee it."""


@dataclass(frozen=True, slots=True)
class Waits:
    """The terms of waiting, in seconds: until a press can no longer be taken back, and from when to when after that."""

    undo: int
    delay: tuple[int, int]

    def drawn(self) -> float:
        """Draw a random wait, in seconds."""
        return _CHANCE.uniform(*self.delay)

    def settled(self, now: datetime) -> datetime:
        """Give the moment from which on what an officer caused may still wait to be told."""
        return now - timedelta(seconds=self.delay[1])
