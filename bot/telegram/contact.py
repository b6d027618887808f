"""Whether this process leads, and when it then last heard from Telegram: what `/healthz` tells of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from bot import metrics
from bot.clock import Clock

AWAY: Final = timedelta(minutes=2)
"""Telegram silent for so long turns the health of the leader red; it is asked every half minute at least."""


class Contact:
    """The leader's contact with Telegram. Of a process that follows nobody expects any."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heard: datetime | None = None
        self.leading = False

    def leads(self) -> None:
        """Note that this process leads from now on. Silence from before it stepped down goes on."""
        self.leading = True
        self._heard = self._heard or self._clock()
        metrics.LEADS.set(1)

    def heard(self) -> None:
        """Note that Telegram answered, and gives its updates to us."""
        self._heard = self._clock()

    def steps_down(self) -> None:
        """Note that this process leads no longer: as long as no other does, the silence counts."""
        self.leading = False
        metrics.LEADS.set(0)

    def follows(self) -> None:
        """Note that another process leads."""
        self._heard = None

    def silence(self) -> timedelta:
        """Give how long Telegram has been silent."""
        return self._clock() - self._heard if self._heard else timedelta()

    def well(self) -> bool:
        """Tell whether Telegram was heard lately, as far as it concerns this process."""
        return self.silence() <= AWAY
