"""The pilot's month, planned: who reports what and when, what officers do with it, and what figures must come of that.

The plan is kept apart from the bot: its figures are counted from what was planned, not from what the bot has stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Final
from zoneinfo import ZoneInfo

from bot.links import canonical
from bot.reports.figures import ACTED, Counts, Day, Figures, Period, Statistics, Times
from bot.reports.lifecycle import Decision
from bot.reports.periods import before, year_ago

ZONE: Final = ZoneInfo("Asia/Almaty")
FIRST: Final = date(2023, 7, 10)
MONTH: Final = Period(FIRST, FIRST + timedelta(days=30))
REPORTING: Final = 24
"""On so many days of the month something is reported; on the others the office finishes."""
REGISTERS: Final = (6, 13, 20, 27)
"""The days on which the list is taken out and sent; three days later it comes back."""
_ADDRESSES: Final = (
    "t.me/{0}",
    "https://t.me/{0}",
    "https://www.instagram.com/{0}/",
    "https://{0}.kz/catalog",
    "https://vk.com/{0}",
    "@{0}",
)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of the month, by the office's clock."""
    return datetime.combine(FIRST + timedelta(days=day), time(hour, minute), ZONE)


@dataclass(eq=False)
class Thing:
    """What is reported and decided: a link, a graffito or a den."""

    kind: str
    typed: str
    way: str
    """How the office deals with it."""
    filed: list[datetime] = field(default_factory=list)
    """When it was reported, each time by somebody else."""
    begun: list[datetime] = field(default_factory=list)
    """When it was first reported, or again after its decision; and when an officer then first did something with it."""
    touched: list[datetime] = field(default_factory=list)
    decided: list[tuple[datetime, Decision]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its canonical address."""
        link = canonical(self.typed)
        assert link is not None
        return link.url

    @property
    def platform(self) -> str:
        """Where it is."""
        link = canonical(self.typed)
        assert link is not None
        return link.platform

    @property
    def stands(self) -> Decision:
        """What it was decided to be in the end."""
        return self.decided[-1][1]

    def stand_for(self, filed: datetime) -> list[Decision]:
        """All decisions that stand for who reported it then: of a writing a case was registered, and it was painted.

        What is decided when others have reported it again is for them.
        """
        made = [decision for moment, decision in self.decided if moment < self._anew(filed)]
        return made if self.kind == "graffiti" else made[-1:]

    def told(self, since: datetime) -> Counter[Decision]:
        """What somebody hears of it who reported it then."""
        return Counter(decision for moment, decision in self.decided if since < moment < self._anew(since))

    def _anew(self, filed: datetime) -> datetime:
        return min((begun for begun in self.begun if begun > filed), default=at(99, 0))


class Plan:
    """All things of a month of so many reports, in the proportions of the pilot: 1,176 links, 21 graffiti, 3 dens."""

    def __init__(self, reports: int) -> None:
        graffiti, dens = max(1, reports * 21 // 1200), max(1, reports * 3 // 1200)
        links = reports - graffiti - dens
        repeats, refused = max(2, links * 36 // 1176), max(1, reports * 24 // 1200)
        numbers = count(1)
        self.links = [
            Thing("link", _ADDRESSES[n % len(_ADDRESSES)].format(f"shop{next(numbers):04}kz"), self._way(n))
            for n in range(links - repeats)
        ]
        listed = [thing for thing in self.links if thing.way == "listed"]
        for thing in listed[:: len(listed) // refused][:refused]:
            thing.way = "refused"
        self.graffiti = [Thing("graffiti", f"Торец дома {n:03}", "removed") for n in range(graffiti)]
        self.dens = [Thing("den", f"Подъезд {n:03}", "passed_on") for n in range(dens)]
        for things in (self.links, self.graffiti, self.dens):
            for n, thing in enumerate(things):
                self._first(thing, at(n * REPORTING // len(things), 10 if n % 2 else 17, 30))
        # The second link is looked at and not confirmed; somebody reports it again, and then it is closed.
        self.returned = self.links[1]
        again = [thing for thing in self.links if thing.way != "returned"]
        for thing in again[:: len(again) // (repeats - 1)][: repeats - 1]:
            thing.filed.append(thing.filed[0] + timedelta(days=1))
        self.returned.filed.append(at(8, 10, 30))
        self.returned.begun.append(at(8, 10, 30))

    @property
    def things(self) -> list[Thing]:
        """Everything that is reported."""
        return [*self.links, *self.graffiti, *self.dens]

    def ways(self, *ways: str) -> list[Thing]:
        """What the office deals with so."""
        return [thing for thing in self.things if thing.way in ways]

    def day_of(self, thing: Thing) -> int:
        """The day on which a thing was first reported."""
        return (thing.filed[0].date() - FIRST).days

    def moments(self) -> dict[datetime, list[Thing]]:
        """What is reported at which moment."""
        found: dict[datetime, list[Thing]] = {}
        for thing in self.things:
            for moment in thing.filed:
                found.setdefault(moment, []).append(thing)
        return dict(sorted(found.items()))

    @staticmethod
    def _way(n: int) -> str:
        if n == 1:
            return "returned"
        if n % 12 == 0:
            # An officer takes every twelfth for himself, and has half of them blocked without the register.
            return "held" if n % 24 == 0 else "own"
        return "listed"

    @staticmethod
    def _first(thing: Thing, moment: datetime) -> None:
        thing.filed.append(moment)
        thing.begun.append(moment)


def touch(things: Iterable[Thing], moment: datetime) -> None:
    """Note that an officer does something with these things."""
    for thing in things:
        if len(thing.touched) < len(thing.begun):
            thing.touched.append(moment)


def decide(things: Iterable[Thing], decision: Decision, moment: datetime) -> None:
    """Note a decision about these things."""
    things = list(things)
    touch(things, moment)
    for thing in things:
        thing.decided.append((moment, decision))


def statistics(plan: Plan) -> Statistics:
    """The figures that the bot must come to."""
    return Statistics(figures(plan, MONTH), figures(plan, before(MONTH)), figures(plan, year_ago(MONTH)), {})


def figures(plan: Plan, period: Period) -> Figures:
    """The figures of a period, each counted from the plan."""

    def within(moment: datetime) -> bool:
        return period.first <= moment.date() <= period.last

    filed = [(thing, moment) for thing in plan.things for moment in thing.filed if within(moment)]
    links = [thing for thing in plan.links if within(thing.filed[0])]
    sent = _links_with(plan, Decision.SENT_TO_BLOCK)
    blocked = _links_with(plan, Decision.BLOCKED)
    closed = [moment for thing in plan.things for moment in _closed(thing)]
    return Figures(
        period=period,
        offices=None,
        reports=_counts([thing.stand_for(moment) for thing, moment in filed]),
        by_kind=_most_first(Counter(thing.kind for thing, _ in filed)),
        by_district=_most_first(Counter("" for _ in filed)),
        resources=_counts([[thing.stands] for thing in links]),
        by_platform=_most_first(Counter(thing.platform for thing in links)),
        repeats=sum(within(moment) for thing in plan.links for moment in thing.filed[1:]),
        returned=sum(within(moment) for thing in plan.links for moment in thing.begun[1:]),
        sent_to_block=sum(map(within, sent)),
        blocked=sum(map(within, blocked)),
        blocked_again=0,
        claim=_times(
            (begun, touched)
            for thing in plan.things
            for begun, touched in zip(thing.begun, thing.touched, strict=True)
            if within(touched)
        ),
        decide=_times(
            (begun, done)
            for thing in plan.things
            for begun, done in zip(thing.begun, _closed(thing), strict=True)
            if within(done)
        ),
        by_day=tuple(
            Day(
                day,
                sum(moment.date() == day for thing in plan.things for moment in thing.filed),
                sum(thing.filed[0].date() == day for thing in plan.links),
                sum(moment.date() == day for moment in closed),
                sum(moment.date() == day for moment in blocked),
            )
            for day in (period.first + timedelta(days=n) for n in range(period.days))
        ),
    )


def _links_with(plan: Plan, decision: Decision) -> list[datetime]:
    return [moment for thing in plan.links for moment, made in thing.decided if made is decision]


def _closed(thing: Thing) -> list[datetime]:
    """When a thing was closed, for each time that it was begun; what is decided beside that closes nothing."""
    ends = [*thing.begun[1:], at(99, 0)]
    closing = [(moment, made) for moment, made in thing.decided if made is not Decision.SENT_TO_BLOCK]
    return [
        min(moment for moment, _ in closing if begun < moment < end)
        for begun, end in zip(thing.begun, ends, strict=True)
    ]


def _counts(stand: list[list[Decision]]) -> Counts:
    standing = Counter(decision.value for made in stand for decision in made)
    return Counts(len(stand), sum(made[-1] in ACTED for made in stand), _most_first(standing))


def _times(spans: Iterable[tuple[datetime, datetime]]) -> Times:
    took = sorted(done - begun for begun, done in spans)
    if not took:
        return Times(0, None, None)
    return Times(len(took), took[-(-len(took) // 2) - 1], took[-(-len(took) * 9 // 10) - 1])


def _most_first(counted: Counter[str]) -> dict[str, int]:
    return dict(sorted(counted.items(), key=lambda one: (-one[1], one[0])))
