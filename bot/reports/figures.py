"""What a period's figures are: plain numbers, without texts, colours or a database.

Who counts them is `statistics.py`; who shows them reads them here. Two things are counted, and never added up: reports,
each what one person sent, and resources, each one link, however many reports name it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from bot.languages import Language
from bot.reports.lifecycle import Decision

ACTED: Final = frozenset(
    {Decision.SENT_TO_BLOCK, Decision.BLOCKED, Decision.REGISTERED, Decision.REMOVED, Decision.PASSED_ON}
)
"""The decisions by which the office did something about what was reported."""
NOT_REAL: Final = frozenset({Decision.DUPLICATE, Decision.ABUSE})
"""The decisions that say: this was no report of its own. It is counted, and left out of every share."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the office, the last one included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """Give how many days it has."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are, and how they stand today."""

    total: int
    """All of them, duplicates and abuse too."""
    acted: int
    """Those with a decision of ACTED; a report of several links, once one of them has such a decision."""
    by_standing: Mapping[str, int]
    """By decision where there is one (a value of Decision), else by status (a value of Status), the most first.

    A report of several links that were decided differently has no one decision: it stands under the status `decided`.
    One with two decisions, of which either stands beside the other, stands under both: together they are then more than
    `total`.
    """

    @property
    def duplicates(self) -> int:
        """Give how many were found to repeat another by an officer."""
        return self.by_standing.get(Decision.DUPLICATE, 0)

    @property
    def abuse(self) -> int:
        """Give how many were found to be abuse."""
        return self.by_standing.get(Decision.ABUSE, 0)

    @property
    def real(self) -> int:
        """Give how many are neither duplicates nor abuse."""
        return self.total - self.duplicates - self.abuse

    @property
    def share_acted(self) -> float | None:
        """Give which share of the real ones was acted on, 0 to 1; None where there are none."""
        return self.acted / self.real if self.real else None


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took, by the clock on the wall, nights and holidays too, to the minute."""

    count: int
    """Of how many it is known: what nobody claimed or decided yet is not among them."""
    median: timedelta | None
    """Within this time it was done for half of them; None where count is 0."""
    ninetieth: timedelta | None
    """Within this time it was done for nine of ten."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the period; days on which nothing happened are there too."""

    day: date
    reports: int
    """Filed on this day."""
    resources: int
    """First reported on this day."""
    decided: int
    """Closed on this day, whenever they were reported: links, and reports without links; each as often as it was.

    What was decided beside a decision that stood closed nothing.
    """
    blocked: int
    """Links to which access was closed on this day, whenever they were reported; each once."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one period, of some offices or of all.

    Mappings begin with the greatest number; what is 0 is left out. Two Figures are equal when all their numbers are.
    """

    period: Period
    offices: tuple[int, ...] | None
    """Whose: ids of offices, 0 for the main desk; None: all together."""

    reports: Counts
    """Reports filed in the period."""
    by_kind: Mapping[str, int]
    """These reports by kind."""
    by_district: Mapping[str, int]
    """These reports by the KATO code of their district; "" are those without one, as most links are."""

    resources: Counts
    """Links first reported in the period."""
    by_platform: Mapping[str, int]
    """These links by platform."""

    repeats: int
    """Reports of the period that name a link which an earlier report had named; each once a day."""
    returned: int
    """How often a link was reported in the period after it had been decided."""

    sent_to_block: int
    """Links that were sent to be blocked in the period, whenever they were reported; each once, however often."""
    blocked: int
    """Links to which access was closed in the period, whenever they were reported; each once, however often."""
    blocked_again: int
    """How often access was closed in the period to a link that had been closed before, and had come back."""

    claim: Times
    """Of what was first taken in hand in the period: from the report until an officer did something with it."""
    decide: Times
    """Of what was closed in the period: from the report until the decision; duplicates and abuse are left out.

    Both of links and of reports without links. A link that is reported again after its decision begins anew; what an
    officer opens again goes on, until the decision that stands.
    """

    by_day: tuple[Day, ...]
    """Each day of the period, in order."""

    reach: int = 0
    """Subscribers of the links in `blocked`, together, each as it could last be counted before access was closed."""

    found: int = 0
    """Links that captures named in the period and nobody had reported: proposed to the desk, counted nowhere else."""
    taken: int = 0
    """Of such links, whenever they were found, those that an officer took up in the period."""
    found_blocked: int = 0
    """Of those that an officer took up and nobody reports, those to which access was closed in the period."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """A period beside two others of the same length, and what is needed to name its districts."""

    this: Figures
    before: Figures
    """The same period before: a whole month before a whole month, else as many days right before the first."""
    year_ago: Figures
    """The same days a year ago."""
    districts: Mapping[str, Mapping[Language, str]]
    """Names of the districts in `this.by_district`, by code."""
