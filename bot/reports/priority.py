"""Priority: how sure and how urgent what waits in `/queue` is, and the reasons, which its card tells in words.

Each fact gives points, and their sum a level, so that more of anything never lowers it. How long something waits is no
fact: within a level the oldest comes first. The points are judgement, not measured; what they rest on stands beside
each. What the desk decides will tell better one day: whatever learns from that becomes `JUDGE`, in place of `by_rules`.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cache
from itertools import product
from typing import Final, Protocol

from bot.reports.trade import ALL, Trade

REPORTS: Final = (2, 3, 10)
"""Independent reports: two may be of one household, or of one person on two days; three hardly are. Of ten nobody can
say any more that somebody was mistaken, or settles a score."""
REPORTS_POINTS: Final = (0, 1, 2, 4)
REACH: Final = (1000, 5000)
"""Subscribers: the pilot's authors tell of "over 9,000" that all they had closed reached. A tenth of that is much for
one link."""
REACH_POINTS: Final = (0, 1, 2)
WORDS_POINTS: Final = {
    # 98 of 100 reports are of links that sell: the words say so, and hardly more.
    Trade.SELLING: 1,
    # Who is hired today commits a crime tomorrow, and is often very young.
    Trade.HIRING: 2,
    # To sell to who is not of age, or where they learn, is among the gravest forms of it (Criminal Code, article 297).
    Trade.MINORS: 3,
}
WORDS_MOST: Final = 3
"""What one person writes in one report must not make anything urgent alone: anybody can write anything."""
RETURNED_POINTS: Final = 2
"""It was proven once, and is put up again by who means to go on."""
HIGH_FROM: Final = 2
URGENT_FROM: Final = 4
PLACE_MOST: Final = 3
"""Reports of one place count as so many at most: whether they are of different people nobody knows."""


class Level(IntEnum):
    """How urgent; the numbers are stored, and order `/queue`."""

    USUAL = 0
    HIGH = 1
    URGENT = 2


class Reason(StrEnum):
    """Why something is more than usual, in the order in which a card tells it."""

    REPORTS = "reports"
    PLACE = "place"
    REACH = "reach"
    MINORS = "minors"
    HIRING = "hiring"
    SELLING = "selling"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a link, or of a report with a card of its own."""

    reports: int = 1
    """Of different people, or of different days, since officers last found nothing in them."""
    reach: int | None = None
    """Subscribers when they were last counted; None: nobody knows."""
    words: Trade = Trade.NONE
    returned: bool = False
    """It was closed, and is there again."""
    near: int = 0
    """Other reports from around its place."""


class Judge(Protocol):
    """Tells how urgent something is. All that asks it hands in facts alone, and none that is about a person."""

    def __call__(self, facts: Facts, /) -> Level:
        """Give the level; more of any fact must not lower it."""


def points(facts: Facts) -> dict[Reason, int]:
    """Give the points of each reason that there is."""
    about_place = min(1 + facts.near, PLACE_MOST) > facts.reports
    reports = max(facts.reports, min(1 + facts.near, PLACE_MOST))
    words = {Reason[group.name]: WORDS_POINTS[group] for group in facts.words & ALL if group.name}
    given = {
        Reason.PLACE if about_place else Reason.REPORTS: REPORTS_POINTS[bisect_right(REPORTS, reports)],
        Reason.REACH: REACH_POINTS[bisect_right(REACH, facts.reach or 0)],
        **words,
        Reason.RETURNED: RETURNED_POINTS if facts.returned else 0,
    }
    return {reason: given[reason] for reason in Reason if given.get(reason)}


def by_rules(facts: Facts) -> Level:
    """Judge by the points."""
    given = points(facts)
    words = sum(given.get(Reason[group.name], 0) for group in ALL if group.name)
    total = sum(given.values()) - words + min(words, WORDS_MOST)
    return Level.URGENT if total >= URGENT_FROM else Level.HIGH if total >= HIGH_FROM else Level.USUAL


JUDGE: Final[Judge] = by_rules
"""Who tells the level of all that is written down."""


@cache
def level_of_new(words: Trade) -> Level:
    """Give the level of what is reported for the first time, with these groups of words beside it."""
    return JUDGE(Facts(words=words))


def level_of(reports: str, reach: str, words: str, returned: str, judge: Judge = JUDGE) -> str:
    """Give an SQL expression, from those of the facts, that looks up what a judge says of them.

    A row's facts are known where it is written, and nowhere before that: no round trip is spent on them. So the
    statement holds the answers to all cases that there are, and only picks one.
    """
    answers = ",".join(str(int(judge(facts))) for facts in _CASES)
    case = f"width_bucket(({reports})::int, '{_listed(REPORTS)}'::int[])"
    case += f" + {len(REPORTS) + 1} * (width_bucket(coalesce({reach}, 0)::bigint, '{_listed(REACH)}'::bigint[])"
    case += f" + {len(REACH) + 1} * (({words})::int + {ALL + 1} * ({returned})::int))"
    return f"('{{{answers}}}'::smallint[])[1 + {case}]"


def place_counts(near: str) -> str:
    """Give an SQL expression: as how many reports one counts that has so many others around its place."""
    return f"least({near} + 1, {PLACE_MOST})"


def _listed(numbers: tuple[int, ...]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"


# In the order in which `level_of` counts them.
_CASES: Final = [
    Facts(reports, reach, Trade(words), returned)
    for returned, words, reach, reports in product((False, True), range(ALL + 1), (0, *REACH), (1, *REPORTS))
]
