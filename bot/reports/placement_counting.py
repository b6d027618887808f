"""Counting what placements brought: from the tally's days, as of the weeks that are over."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.clock import Clock, utc_now
from bot.database import Database
from bot.reports.figures import Period
from bot.reports.periods import WEEK
from bot.reports.placement_figures import Known, PlacementFigures, tell, whole_weeks
from bot.reports.tallying import Tallying

DAYS: Final = 56
"""Days that are asked for where none are named: eight weeks."""
KNOWN: Final = "SELECT id, name, campaign, made_on, closed_on FROM placements ORDER BY campaign, name, id"


class PlacementCounting:
    """Counts, in the time zone of the office."""

    def __init__(self, database: Database, tallying: Tallying, timezone: str, clock: Clock = utc_now) -> None:
        self._database, self._tallying, self._clock = database, tallying, clock
        self._zone = ZoneInfo(timezone)

    @property
    def today(self) -> date:
        """Give the office's date."""
        return self._clock().astimezone(self._zone).date()

    async def figures(self, period: Period) -> PlacementFigures:
        """Give the figures of the whole weeks that a period touches, as far as they are over."""
        await self._tallying.run()
        weeks = whole_weeks(period, self._clock(), self._zone)
        async with self._database.lend() as raw, raw.transaction(isolation="repeatable_read", readonly=True):
            rows = await raw.fetch(KNOWN)
            last = weeks[-1] + timedelta(days=WEEK - 1) if weeks else None
            days = await self._tallying.between(raw, weeks[0], last) if last else {}
        known = [
            Known(row["id"].hex, row["name"], row["campaign"], row["made_on"], row["closed_on"] is not None)
            for row in rows
        ]
        return await asyncio.to_thread(tell, weeks, known, days)
