"""What `/about` tells everybody: how many reports came, and what was done.

Nobody may learn from it about one report. Whoever reports something and asks right after it must not see a count go up
by one: the numbers change once a day, rounded down to fives, so that one report more hardly ever shows, and never at
once. What there is less than five of is left out: few of a sort may be known by sight. What concerns officers is left
out too: the main desk counts everything else, and would find it by taking one number from the other.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

import orjson

from bot.database import Database, driver
from bot.offices.store import read
from bot.reports.figures import Figures, Period
from bot.reports.lifecycle import Decision
from bot.reports.periods import last_days
from bot.reports.statistics import Counting

FACT: Final = "public_figures"
STEP: Final = 5
"""Numbers are rounded down to this; what is below it is not told."""
EVERY: Final = "*/15 * * * *"
"""Not at a certain minute: a bot that is down at midnight counts as soon as it is back."""
PUBLISH: Final = """
INSERT INTO facts (name, value) VALUES ('public_figures', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""
PUBLISHED: Final = "SELECT value FROM facts WHERE name = 'public_figures'"


@dataclass(frozen=True, slots=True)
class Public:
    """The public numbers of a day; 0: not told."""

    reports: int = 0
    blocked: int = 0
    removed: int = 0
    month: int = 1
    year: int = 2000
    """Since when: the month and year of the first report."""
    day: str = ""
    """The day on which they were counted."""


class PublicFigures:
    """The public numbers as a process knows them: `/about` asks nobody for them."""

    def __init__(self) -> None:
        self._now = Public()

    async def follow(self, value: str | None) -> None:
        """Take what stands in the fact's row, or None where there is none."""
        self._now = Public(**orjson.loads(value)) if value else Public()

    def variables(self) -> dict[str, Any]:
        """Give what the text is rendered with."""
        shown = asdict(self._now)
        del shown["day"]
        return shown


class Publishing:
    """Counts the public numbers once a day."""

    def __init__(self, database: Database, counting: Counting) -> None:
        self._database, self._counting = database, counting

    async def look(self) -> None:
        """Count them if this was not done today: until the end of yesterday."""
        today = self._counting.today
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            known, offices = await raw.fetchval(PUBLISHED), await read(raw)
        if known and orjson.loads(known)["day"] >= today.isoformat():
            return
        first = await self._counting.first_day()
        yesterday = last_days(2, today).first
        if first is None or first > yesterday:
            return
        (figures,) = await self._counting.figures(Period(first, yesterday), offices=tuple(offices.scope(None)))
        public = Public(*_rounded(figures), first.month, first.year, today.isoformat())
        async with self._database.transaction() as connection:
            await (await driver(connection)).execute(PUBLISH, orjson.dumps(asdict(public)).decode())


def _rounded(figures: Figures) -> tuple[int, int, int]:
    """Give real reports, links to which access was closed, and paintings that were removed."""
    removed = figures.reports.by_standing.get(Decision.REMOVED, 0)
    reports, blocked, removed = (number // STEP * STEP for number in (figures.reports.real, figures.blocked, removed))
    return reports, blocked, removed
