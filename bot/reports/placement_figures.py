"""What placements brought, week by week, as it may be told: no number below five, and none from which one would follow.

Told are whole weeks that are over, each by itself and in sums, so that no two periods differ by a day, and nobody who
scans or reports now sees a number go up. What a placement brought in a week is told from five up. A campaign's week
adds up what is told of its placements, and what is not only where that makes five together and could be shared among
them in more ways than one. Whatever is added up further is a sum of these.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.reports.figures import Period
from bot.reports.periods import WEEK, end_of
from bot.reports.tallying import Brought

LEAST: Final = 5
"""The smallest number that is told."""
SETTLED: Final = timedelta(hours=1)
"""After its end a week is told: what came in its last minute is added up by then."""


@dataclass(frozen=True, slots=True)
class Known:
    """A placement whose figures are told."""

    id: str
    """As 32 hexadecimal digits."""
    name: str
    campaign: str
    made_on: date
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """A number as it may be told."""

    number: int | None
    """From LEAST up; None: in each week there were fewer."""
    more: bool
    """Some of it was too few to be told: it may be more."""


@dataclass(frozen=True, slots=True)
class Brings:
    """Scans, and the reports that followed them in the same dialogue."""

    scans: Told
    reports: Told
    share: float | None
    """Reports for each scan, of what is told of both; a citizen may send several. None: nothing is."""


@dataclass(frozen=True, slots=True)
class Line:
    """What one placement, or one campaign, brought in all weeks."""

    name: str
    campaign: str
    closed: bool
    brings: Brings


@dataclass(frozen=True, slots=True)
class PlacementFigures:
    """The figures of some whole weeks; lines begin with the greatest number of scans that is told."""

    weeks: tuple[date, ...]
    """The Mondays; none where no whole week is over yet."""
    placements: tuple[Line, ...]
    campaigns: tuple[Line, ...]
    by_week: tuple[Brings, ...]
    """Of all campaigns together."""
    total: Brings

    @property
    def period(self) -> Period | None:
        """Give the days of all weeks together."""
        return Period(self.weeks[0], self.weeks[-1] + timedelta(days=WEEK - 1)) if self.weeks else None


@dataclass(slots=True)
class _Sum:
    """What is told, added up."""

    told: list[int]
    more: list[bool]
    both: list[int]
    """Of the same weeks, and the same placements, so that one can be divided by the other."""

    @classmethod
    def zero(cls) -> _Sum:
        return cls([0, 0], [False, False], [0, 0])

    def add(self, other: _Sum) -> None:
        for at in (0, 1):
            self.told[at] += other.told[at]
            self.more[at] |= other.more[at]
            self.both[at] += other.both[at]

    def brings(self) -> Brings:
        scans, reports = (Told(number or None, more) for number, more in zip(self.told, self.more, strict=True))
        return Brings(scans, reports, self.both[1] / self.both[0] if self.both[0] else None)


def whole_weeks(period: Period, now: datetime, zone: ZoneInfo) -> list[date]:
    """Give the Mondays of the weeks that a period touches and that are over."""
    monday, found = period.first - timedelta(days=period.first.weekday()), []
    while monday <= period.last and end_of(monday + timedelta(days=WEEK - 1), zone) + SETTLED <= now:
        found.append(monday)
        monday += timedelta(days=WEEK)
    return found


def tell(weeks: Sequence[date], known: Sequence[Known], days: Mapping[date, Brought]) -> PlacementFigures:
    """Give the figures of these weeks; `days` holds what was counted on each of their days."""
    counted: defaultdict[tuple[str, date], list[int]] = defaultdict(lambda: [0, 0])
    for day, brought in days.items():
        monday = day - timedelta(days=day.weekday())
        for placement, counts in brought.items():
            for at, number in enumerate(counts):
                counted[placement, monday][at] += number
    campaigns: dict[str, list[Known]] = defaultdict(list)
    for one in known:
        campaigns[one.campaign].append(one)
    of_placement = {one.id: _Sum.zero() for one in known}
    of_campaign = {name: _Sum.zero() for name in campaigns}
    of_week = {monday: _Sum.zero() for monday in weeks}
    for monday in weeks:
        sunday = monday + timedelta(days=WEEK - 1)
        for name, members in campaigns.items():
            there = [one.id for one in members if one.made_on <= sunday]
            numbers = [counted.get((placement, monday), [0, 0]) for placement in there]
            for placement, own in zip(there, numbers, strict=True):
                of_placement[placement].add(_together([own]))
            together = _together(numbers)
            of_campaign[name].add(together)
            of_week[monday].add(together)
    total = _Sum.zero()
    for one_week in of_week.values():
        total.add(one_week)
    return PlacementFigures(
        tuple(weeks),
        _sorted(Line(one.name, one.campaign, one.closed, of_placement[one.id].brings()) for one in known),
        _sorted(Line(name, name, False, of_campaign[name].brings()) for name in campaigns),
        tuple(one_week.brings() for one_week in of_week.values()),
        total.brings(),
    )


def _together(numbers: Sequence[Sequence[int]]) -> _Sum:
    """Give what is told of some placements' week, each with its scans and reports."""
    made = _Sum.zero()
    for at in (0, 1):
        few = [each[at] for each in numbers if each[at] < LEAST]
        made.told[at] = sum(each[at] for each in numbers if each[at] >= LEAST)
        # Four each is the most that they can have: then the sum would tell what each has.
        if LEAST <= sum(few) < (LEAST - 1) * len(few):
            made.told[at] += sum(few)
        else:
            made.more[at] = bool(few)
    if any(made.more):
        alike = [each for each in numbers if min(each) >= LEAST]
        made.both = [sum(each[at] for each in alike) for at in (0, 1)]
    else:
        made.both = list(made.told)
    return made


def _sorted(lines: Iterable[Line]) -> tuple[Line, ...]:
    # By what is told alone: the order of the others would tell which of them has more.
    return tuple(
        sorted(
            lines,
            key=lambda line: (
                -(line.brings.scans.number or 0),
                -(line.brings.reports.number or 0),
                line.name,
                line.campaign,
            ),
        )
    )
