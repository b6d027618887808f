"""Days added up: the figures of a period from what was counted of each of its days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from bot.reports.day_counts import NEVER, Counts, Sort, unpacked
from bot.reports.figures import ACTED, Day, Figures, Period, Times
from bot.reports.figures import Counts as Standings
from bot.reports.periods import days_of

MEDIAN: Final = 50
NINETIETH: Final = 90
"""Hundredths of what was done."""


def add_up(period: Period, offices: tuple[int, ...] | None, counted: Mapping[tuple[date, Sort], Counts]) -> Figures:
    """Give the figures of a period; `counted` has both sorts of each of its days."""
    tally = _Tally(period.first, offices)
    for day in days_of(period):
        tally.take(day, counted[day, Sort.FILED], counted[day, Sort.DONE])
    return tally.figures(period)


class _Tally:
    def __init__(self, first: date, offices: tuple[int, ...] | None) -> None:
        self._first, self._offices = first, offices
        self._kinds: Counter[str] = Counter()
        self._districts: Counter[str] = Counter()
        self._platforms: Counter[str] = Counter()
        self._standings: dict[str, Counter[str]] = {"reports": Counter(), "resources": Counter()}
        self._total = {"reports": 0, "resources": 0}
        self._acted = {"reports": 0, "resources": 0}
        self._times: dict[str, Counter[int]] = {"claim": Counter(), "decide": Counter()}
        self._repeats = self._returned = self._sent = self._blocked = self._blocked_again = self._reach = 0
        self._days: list[Day] = []

    def take(self, day: date, filed: Counts, done: Counts) -> None:
        """Add a day."""
        reports = resources = decided = blocked = 0
        for office, kind, district, standing, also, acted, many in filed["reports"]:
            if self._counts(office):
                reports += many
                self._kinds[kind] += many
                self._districts[district] += many
                for each in {standing, also or standing}:
                    self._standings["reports"][each] += many
                self._acted["reports"] += many if acted else 0
        for office, platform, standing, many in filed["resources"]:
            if self._counts(office):
                resources += many
                self._platforms[platform] += many
                self._standings["resources"][standing] += many
                self._acted["resources"] += many if standing in ACTED else 0
        for office, repeats, returned in done["repeats"]:
            if self._counts(office):
                self._repeats += repeats
                self._returned += returned
        for office, closed in done["done"]:
            decided += closed if self._counts(office) else 0
        # A link that was sent, or closed, on several days counts on the first that the period has.
        since, today = self._first.isoformat(), day.isoformat()
        for office, before, many, _ in done["sent"]:
            self._sent += many if self._counts(office) and before < since else 0
        for office, before, many, reach in done["blocked"]:
            if self._counts(office):
                self._reach += reach if before < since else 0
                blocked += many if before < today else 0
                self._blocked += many if before < since else 0
                self._blocked_again += many if before != NEVER else 0
        for name, taken in self._times.items():
            for office, minutes in done[name]:
                if self._counts(office):
                    taken.update(unpacked(minutes))
        self._total["reports"] += reports
        self._total["resources"] += resources
        self._days.append(Day(day, reports, resources, decided, blocked))

    def figures(self, period: Period) -> Figures:
        """Give what was added up."""
        return Figures(
            period=period,
            offices=self._offices,
            reports=self._standing("reports"),
            by_kind=_greatest_first(self._kinds),
            by_district=_greatest_first(self._districts),
            resources=self._standing("resources"),
            by_platform=_greatest_first(self._platforms),
            repeats=self._repeats,
            returned=self._returned,
            sent_to_block=self._sent,
            blocked=self._blocked,
            blocked_again=self._blocked_again,
            claim=times(self._times["claim"]),
            decide=times(self._times["decide"]),
            by_day=tuple(self._days),
            reach=self._reach,
        )

    def _counts(self, office: int) -> bool:
        return self._offices is None or office in self._offices

    def _standing(self, of: str) -> Standings:
        standings = _greatest_first(self._standings[of])
        return Standings(self._total[of], self._acted[of], standings)


def times(minutes: Mapping[int, int]) -> Times:
    """Give median and 90th percentile of how many minutes something took how often: each is one that was measured."""
    count = sum(minutes.values())
    return Times(count, _within(minutes, count, MEDIAN), _within(minutes, count, NINETIETH))


def _within(minutes: Mapping[int, int], count: int, hundredths: int) -> timedelta | None:
    """Give the shortest time within which so many hundredths were done."""
    wanted = -(-count * hundredths // 100)
    for each in sorted(minutes):
        wanted -= minutes[each]
        if wanted <= 0:
            return timedelta(minutes=each)
    return None


def _greatest_first(counted: Mapping[str, int]) -> dict[str, int]:
    return {name: many for name, many in sorted(counted.items(), key=lambda one: (-one[1], one[0])) if many}
