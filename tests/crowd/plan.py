"""The plan of an hour: who sends what and when, and what must come of it. Counted from what was planned alone."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

from tests.crowd.sending import Report, Sending, Way, fitting, seconds
from tests.crowd.things import Thing, make_things

REPEATS: Final = 0.7
"""The share of links that name what another one has named already."""
VOLUNTEER: Final = 70
"""Links that a volunteer sends one by one: more reports than the limit of an hour."""
NIGHT: Final = 50
"""Links that another volunteer sends as a message each, and then all at once."""
LAST: Final = 3300.0
"""Seconds after which nothing new is begun: what was begun ends within the hour."""
RUSH: Final = 120.0
"""Seconds around one moment: what is planned for them is sent at that moment."""


@dataclass
class Plan:
    """An hour of so many links from so many people."""

    count: int
    people: int
    seed: int
    per_hour: int
    """Reports of one person within the hour, above which links are folded into one list."""
    sendings: list[Sending] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.things = make_things(round(self.count * (1 - REPEATS)), self.chance)
        self._links = iter(self._drawn())
        self._left = self.count
        free = list(range(self.people))
        for volunteer in range(max(1, self.people // 100)):
            for number in range(min(VOLUNTEER, self._left)):
                self._add(volunteer, Way.WORDS if number % 7 == 6 else Way.ONE, 1)
            self._add(self.people - 1 - volunteer, Way.MESSAGES, NIGHT)
            free.remove(volunteer)
        for way, size, share in _SHARES:
            for _ in range(max(1, round(share * self.count / size))):
                self._add(self.chance.choice(free), way, size)
        while self._left:
            self._add(self.chance.choice(free), self.chance.choices((Way.ONE, Way.WORDS), (4, 1))[0], 1)
        self._place_in_time()

    def reports(self) -> list[Report]:
        """What must become a report each."""
        found: list[Report] = []
        counted = Counter[int]()
        lists: dict[int, Report] = {}
        for sending in sorted(self.sendings, key=lambda one: one.sent):
            over = counted[sending.person] >= self.per_hour and sending.way is not Way.WORDS
            if over and sending.person in lists:
                lists[sending.person].sendings.append(sending)
                continue
            counted[sending.person] += 1
            found.append(Report(sending.person, [sending], listed=over))
            if over:
                lists[sending.person] = found[-1]
        return found

    def _add(self, person: int, way: Way, size: int) -> None:
        size = min(size, self._left)
        if not size:
            return
        named = [(thing, self._spelt(thing, way, place)) for place, thing in enumerate(self._take(size, way))]
        if way is Way.PASTED:
            named = fitting(named)
        self._left -= len(named)
        self.sendings.append(Sending(person, way, named))

    def _take(self, size: int, way: Way) -> Iterator[Thing]:
        for _ in range(size):
            thing = next(self._links)
            yield thing if way is not Way.DISGUISED or thing.disguised else self._disguisable()

    def _disguisable(self) -> Thing:
        return self.chance.choice([thing for thing in self.things if thing.disguised])

    def _spelt(self, thing: Thing, way: Way, place: int) -> str:
        if way is Way.DISGUISED:
            return self.chance.choice(thing.disguised)
        if way in (Way.CODE, Way.LATE_CODE) and place:
            return thing.spellings[1]  # a code says a whole address, not a name
        return self.chance.choice(thing.spellings)

    def _drawn(self) -> list[Thing]:
        """The links of the hour: each thing once, and all others by how popular they are, as Zipf has it."""
        weights = list(accumulate(1 / rank for rank in range(1, len(self.things) + 1)))
        repeats = self.chance.choices(self.things, cum_weights=weights, k=self.count - len(self.things))
        drawn = [*self.things, *repeats]
        self.chance.shuffle(drawn)
        return drawn + repeats  # more than wanted: what cannot be disguised is passed over

    def _place_in_time(self) -> None:
        """Give each sending its moment: those of one person one after another, all within the hour."""
        of: dict[int, list[Sending]] = {}
        self.chance.shuffle(self.sendings)
        for sending in self.sendings:
            of.setdefault(sending.person, []).append(sending)
        # Everybody sees the same post at the same moment: whoever has one link for that time sends it then.
        rush = self.chance.uniform(1000, 2000)
        for own in of.values():
            needed = [seconds(sending) for sending in own]
            idle = LAST - sum(needed)
            assert idle > 0, "one person sends more than an hour holds"
            gaps = sorted(self.chance.uniform(0, idle) for _ in own)
            busy = 0.0
            for sending, gap, need in zip(own, gaps, needed, strict=True):
                sending.began, sending.sent = gap + busy, gap + busy + need - 5
                busy += need
            for before, sending, after in zip([None, *own], own, [*own[1:], None], strict=False):
                free = (before.sent if before else 0.0) < rush < (after.began if after else LAST) - 30
                if free and sending.way is Way.ONE and abs(sending.began - rush) < RUSH:
                    sending.began, sending.sent = rush, rush + 10


_SHARES: Final = (
    # (how, links at once, share of all links)
    (Way.PASTED, 5, 0.14),
    (Way.PASTED, 20, 0.14),
    (Way.PASTED, 50, 0.14),
    (Way.FILE, 60, 0.14),
    (Way.MESSAGES, 4, 0.06),
    (Way.DISGUISED, 1, 0.04),
    (Way.CODE, 2, 0.0006),
    (Way.LATE_CODE, 2, 0.0004),
)
