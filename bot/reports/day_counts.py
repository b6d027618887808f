"""What is counted of each day of the office: read from the tables, and kept as JSON once the day is past.

Of a day two sorts are kept. `filed`: what was reported on it, as it stands now; that changes for long. `done`: what
officers did on it, and what was reported again; that hardly changes.
"""

from __future__ import annotations

import sys
from array import array
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from bot.delivery.outbox import CardSort
from bot.reports import figures_queries
from bot.reports.figures import ACTED, NOT_REAL
from bot.reports.lifecycle import TRANSITIONS, Act, Decision, Status
from bot.reports.periods import begin_of, end_of

_FOUR_BYTES: Final = "I"
VERSION: Final = 6
"""Of this way of counting: a new one counts every day anew."""
CLOSING: Final = tuple(decision.value for decision in Decision if TRANSITIONS[decision].after is Status.DECIDED)
TAKING: Final = (Act.CLAIM.value, Act.ASK.value, *(decision.value for decision in Decision))
"""The acts by which an officer takes something in hand: who decides what nobody claimed has claimed it by that."""

ONCE: Final = {Decision.SENT_TO_BLOCK.value: "sent", Decision.BLOCKED.value: "blocked"}
"""The decisions of which a period counts each link once, and what their counts are called."""
NEVER: Final = ""
"""In the place of a day: this was not done to these links before."""

Counts = dict[str, list[list[Any]]]
"""By what is counted, rows that begin with the office (0: the main desk) and end with how many.

Of `claim` and `decide` they end with the minutes that each took, packed: in a year they are a million. Of `sent` and
`blocked` they also tell the day on which the same was last done to these links before, or NEVER.
"""


class Sort(StrEnum):
    """Which half of a day's counts."""

    FILED = "filed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Days:
    """Days, and when each begins and is over, as the statements take them."""

    days: list[date]
    begins: list[datetime]
    ends: list[datetime]
    zone: ZoneInfo

    @classmethod
    def of(cls, days: Iterable[date], zone: ZoneInfo) -> Days:
        """Give days of an office in a time zone."""
        listed = list(days)
        return cls(listed, [begin_of(day, zone) for day in listed], [end_of(day, zone) for day in listed], zone)

    def __iter__(self) -> Any:
        return iter((self.days, self.begins, self.ends))


def basis(zone: ZoneInfo) -> str:
    """Tell by which way of counting, and in which time zone, days are kept."""
    return f"{VERSION} {zone.key}"


async def count(driver: Any, sort: Sort, days: Days) -> dict[date, Counts]:
    """Count these days from the tables; each has its counts, if they are empty too."""
    return await (_filed(driver, days) if sort is Sort.FILED else _done(driver, days))


async def kept(driver: Any, days: Days, zone: ZoneInfo) -> list[tuple[date, Sort, str]]:
    """Give what is kept of these days and still holds, as JSON."""
    rows = await driver.fetch(figures_queries.KEPT, *days, basis(zone))
    return [(row["day"], Sort(row["sort"]), row["counted"]) for row in rows]


async def keep(driver: Any, counted: dict[tuple[date, Sort], Counts], zone: ZoneInfo) -> None:
    """Keep what was counted."""
    days = [day for day, _ in counted]
    sorts = [sort.value for _, sort in counted]
    documents = [orjson.dumps(counts).decode() for counts in counted.values()]
    await driver.execute(figures_queries.KEEP, days, sorts, [basis(zone)] * len(days), documents)


def unpacked(packed: str) -> array[int]:
    """Give the minutes that were packed."""
    minutes = array(_FOUR_BYTES, b64decode(packed))
    if sys.byteorder == "big":
        minutes.byteswap()
    return minutes


def _packed(minutes: list[int]) -> str:
    packed = array(_FOUR_BYTES, minutes)
    if sys.byteorder == "big":
        packed.byteswap()
    return b64encode(packed).decode()


async def _filed(driver: Any, days: Days) -> dict[date, Counts]:
    counted: dict[date, Counts] = {day: {"reports": [], "resources": []} for day in days.days}
    for row in await driver.fetch(figures_queries.REPORTS, *days, [decision.value for decision in ACTED]):
        day, *counts = row
        counted[day]["reports"].append(counts)
    for row in await driver.fetch(figures_queries.RESOURCES, *days):
        day, *counts = row
        counted[day]["resources"].append(counts)
    return counted


async def _done(driver: Any, days: Days) -> dict[date, Counts]:
    counted: dict[date, Counts] = {
        day: {"repeats": [], "done": [], "claim": [], "decide": [], **{name: [] for name in ONCE.values()}}
        for day in days.days
    }
    for row in await driver.fetch(figures_queries.REPEATS, *days):
        day, *counts = row
        counted[day]["repeats"].append(counts)
    done: dict[tuple[date, int], int] = defaultdict(int)
    links: dict[tuple[date, str, int, str], list[int]] = defaultdict(lambda: [0, 0])
    times: dict[tuple[date, str, int], list[int]] = defaultdict(list)
    for row in await driver.fetch(figures_queries.ACTS, *days, list(TAKING), list(CLOSING)):
        day, office, act, many = row["day"], row["office"], row["act"], row["many"]
        if row["first"]:
            times[day, "claim", office] += [row["minutes"]] * many
        if row["closes"]:
            done[day, office] += many
            if act not in NOT_REAL:
                times[day, "decide", office] += [row["minutes"]] * many
        if row["sort"] == CardSort.RESOURCE and act in ONCE and (row["closes"] or act not in CLOSING):
            before = row["before"].astimezone(days.zone).date().isoformat() if row["before"] else NEVER
            links[day, ONCE[act], office, before][0] += many
            links[day, ONCE[act], office, before][1] += row["reach"]
    for (day, office), many in done.items():
        counted[day]["done"].append([office, many])
    for (day, name, office, before), many in links.items():
        counted[day][name].append([office, before, *many])
    for (day, name, office), minutes in times.items():
        counted[day][name].append([office, _packed(minutes)])
    return counted
