"""Counting: the figures of periods, read from days that are kept and, where one no longer holds, from the tables.

So a year of a million reports is some hundred small rows. What is kept is never wrong: a day that was changed is marked
by the database itself, and counted from the tables until `keep` has counted it anew. Today and yesterday always are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from bot.clock import Clock, utc_now
from bot.database import Database, driver
from bot.languages import Language
from bot.reports import figures_queries
from bot.reports.day_counts import Counts, Days, Sort, basis, count, keep, kept
from bot.reports.figures import Figures, Period, Statistics
from bot.reports.periods import before, begin_of, days_of, end_of, year_ago
from bot.reports.tally import add_up

AT_ONCE: Final = 31
"""Days counted anew in one transaction."""
PAST: Final = timedelta(hours=25)
"""After so long a day is kept. The triggers mark what is older than a day; the hour is for turns under way."""


class Counting:
    """Counts, in the time zone of the office."""

    def __init__(self, database: Database, timezone: str, clock: Clock = utc_now) -> None:
        self._database, self._zone, self._clock = database, ZoneInfo(timezone), clock

    @property
    def today(self) -> date:
        """Give the office's date."""
        return self._clock().astimezone(self._zone).date()

    async def statistics(self, period: Period, offices: tuple[int, ...] | None = None) -> Statistics:
        """Give a period beside the one before and the one a year ago, all as of one moment.

        `offices` are ids, 0 for the main desk; None is all of them.
        """
        async with self._database.lend() as raw, raw.transaction(isolation="repeatable_read", readonly=True):
            periods = [period, before(period), year_ago(period)]
            this, earlier, a_year_ago = await self._figures(raw, periods, offices)
            rows = await raw.fetch(figures_queries.DISTRICTS, list(this.by_district))
        names = {row["code"]: {each: row[f"name_{each}"] for each in Language} for row in rows}
        return Statistics(this, earlier, a_year_ago, names)

    async def figures(self, *periods: Period, offices: tuple[int, ...] | None = None) -> list[Figures]:
        """Give the figures of each of these periods, all as of one moment."""
        async with self._database.lend() as raw, raw.transaction(isolation="repeatable_read", readonly=True):
            return await self._figures(raw, periods, offices)

    async def first_day(self) -> date | None:
        """Give the office's day on which the first report came."""
        async with self._database.lend() as raw:
            first = await raw.fetchval(figures_queries.FIRST_FILED)
        return first.astimezone(self._zone).date() if first else None

    async def keep(self) -> None:
        """Count anew the past days that are not kept yet or no longer hold, and keep them."""
        while await self._keep_some():
            pass

    async def _figures(self, raw: Any, periods: Sequence[Period], offices: tuple[int, ...] | None) -> list[Figures]:
        days = list(days_of(*periods))
        found = await kept(raw, Days.of(days, self._zone), self._zone)
        held = {(day, sort) for day, sort, _ in found}
        counted: dict[tuple[date, Sort], Counts] = {}
        for sort in Sort:
            missing = Days.of([day for day in days if (day, sort) not in held], self._zone)
            counted |= {(day, sort): counts for day, counts in (await count(raw, sort, missing)).items()}

        begins = [begin_of(period.first, self._zone) for period in periods]
        ends = [end_of(period.last, self._zone) for period in periods]
        whose = None if offices is None else list(offices)
        apart = await raw.fetch(figures_queries.FOUND, begins, ends, whose)

        def add() -> list[Figures]:
            read = counted | {(day, sort): orjson.loads(document) for day, sort, document in found}
            return [replace(add_up(each, offices, read), **row) for each, row in zip(periods, apart, strict=True)]

        # In a thread: a year of busy days takes a tenth of a second, in which the bot has others to answer.
        return await asyncio.to_thread(add)

    async def _keep_some(self) -> bool:
        """Count some days anew; tell whether there may be more."""
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            if not await raw.fetchval(figures_queries.ALONE):
                return False
            wanted = await self._wanted(raw)
            some = dict(sorted(wanted.items())[:AT_ONCE])
            counted: dict[tuple[date, Sort], Counts] = {}
            for sort in Sort:
                days = Days.of([day for day, sorts in some.items() if sort in sorts], self._zone)
                # Marks first: who changes a day while it is counted leaves another.
                await raw.execute(figures_queries.TAKE_STALE, sort.value, days.begins, days.ends)
                counted |= {(day, sort): counts for day, counts in (await count(raw, sort, days)).items()}
            await keep(raw, counted, self._zone)
        return len(wanted) > len(some)

    async def _wanted(self, raw: Any) -> dict[date, set[Sort]]:
        """Give the past days that are not kept, or no longer hold."""
        first = await raw.fetchval(figures_queries.FIRST_FILED)
        # By the clock of the database too, which the triggers go by: it may not be ours.
        now: datetime = min(self._clock(), await raw.fetchval("SELECT now()"))
        last = (now - PAST).astimezone(self._zone).date() - timedelta(days=1)
        wanted: dict[date, set[Sort]] = {}
        if first:
            done = {row["day"] for row in await raw.fetch(figures_queries.COMPLETE, basis(self._zone))}
            every = days_of(Period(first.astimezone(self._zone).date(), last))
            wanted = {day: set(Sort) for day in every if day not in done}
        for row in await raw.fetch(figures_queries.STALE):
            day = row["at"].astimezone(self._zone).date()
            if day <= last and end_of(day, self._zone) <= now:
                wanted.setdefault(day, set()).add(Sort(row["sort"]))
        return wanted
