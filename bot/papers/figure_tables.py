"""The figures of a period as tables: of numbers, times, shares and days, with the names that people read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from bot.papers.figure_words import FigureWords
from bot.reports.figures import Figures, Statistics

Cell = str | int | float | timedelta | date | None
"""A whole number is a count, a fraction a share."""
MAIN: Final = "main"


@dataclass(frozen=True, slots=True)
class FigureTable:
    """One table; the first column names, or dates, its rows."""

    title: str
    heads: list[str]
    rows: list[list[Cell]]


def tables(statistics: Statistics, words: FigureWords) -> dict[str, FigureTable]:
    """Give every table by what it counts by; `main` is the first."""
    return {name: make(statistics, words) for name, make in _TABLES.items()}


def _main(statistics: Statistics, words: FigureWords) -> FigureTable:
    rows: dict[str, Callable[[Figures], Cell]] = {
        "reports": lambda figures: figures.reports.total,
        "duplicates": words.left_out,
        "acted": lambda figures: figures.reports.acted,
        "share": lambda figures: figures.reports.share_acted,
        "links": lambda figures: figures.resources.total,
        "repeats": lambda figures: figures.repeats,
        "returned": lambda figures: figures.returned,
        "sent": lambda figures: figures.sent_to_block,
        "blocked": lambda figures: figures.blocked,
        "blocked_again": lambda figures: figures.blocked_again,
        "reach": lambda figures: figures.reach,
        "found": lambda figures: figures.found,
        "taken": lambda figures: figures.taken,
        "found_blocked": lambda figures: figures.found_blocked,
        "claim": lambda figures: figures.claim.median,
        "claim_most": lambda figures: figures.claim.ninetieth,
        "decide": lambda figures: figures.decide.median,
        "decide_most": lambda figures: figures.decide.ninetieth,
    }
    return FigureTable(
        words.say("main"),
        [words.say("column_what"), *_periods(words)],
        [[words.say(f"row_{name}"), *map(value, _beside(statistics))] for name, value in rows.items()],
    )


def _counted(
    title: str, counts: Callable[[Figures], Mapping[str, int]], name: Callable[[FigureWords, Statistics, str], str]
) -> Callable[[Statistics, FigureWords], FigureTable]:
    """Give what makes a table of one sort of counts, beside the two other periods."""

    def make(statistics: Statistics, words: FigureWords) -> FigureTable:
        each = [counts(figures) for figures in _beside(statistics)]
        keys = dict.fromkeys(key for counted in each for key in counted)
        rows: list[list[Cell]] = [
            [name(words, statistics, key), *(counted.get(key, 0) for counted in each)] for key in keys
        ]
        return FigureTable(words.say(title), [words.say("column_what"), *_periods(words)], rows)

    return make


def _decisions(statistics: Statistics, words: FigureWords) -> FigureTable:
    reports, links = statistics.this.reports.by_standing, statistics.this.resources.by_standing
    heads = [words.say(f"column_{name}") for name in ("what", "reports", "links")]
    rows: list[list[Cell]] = [
        [words.standing(key), reports.get(key, 0), links.get(key, 0)] for key in dict.fromkeys([*reports, *links])
    ]
    return FigureTable(words.say("standings"), heads, rows)


def _days(statistics: Statistics, words: FigureWords) -> FigureTable:
    heads = [words.say(f"column_{name}") for name in ("day", "reports", "links", "decided", "blocked")]
    rows: list[list[Cell]] = [
        [one.day, one.reports, one.resources, one.decided, one.blocked] for one in statistics.this.by_day
    ]
    return FigureTable(words.say("by_day"), heads, rows)


def _beside(statistics: Statistics) -> tuple[Figures, Figures, Figures]:
    return statistics.this, statistics.before, statistics.year_ago


def _periods(words: FigureWords) -> list[str]:
    return [words.say(f"column_{name}") for name in ("now", "before", "year_ago")]


_TABLES: Final[dict[str, Callable[[Statistics, FigureWords], FigureTable]]] = {
    MAIN: _main,
    "kind": _counted("kinds", lambda figures: figures.by_kind, lambda words, _, key: words.kind(key)),
    "decision": _decisions,
    # What placements brought stands in no row of a report: placement_tables.py makes its tables.
    "district": _counted(
        "districts",
        lambda figures: figures.by_district,
        lambda words, statistics, key: words.district(key, statistics.districts),
    ),
    "platform": _counted("platforms", lambda figures: figures.by_platform, lambda words, _, key: words.platform(key)),
    "day": _days,
}
BY: Final = tuple(name for name in _TABLES if name != MAIN)
"""What figures are asked for by."""
