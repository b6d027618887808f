"""What placements brought as tables: place by place, campaign by campaign, week by week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bot.papers.figure_tables import Cell, FigureTable
from bot.papers.figure_words import FigureWords, day
from bot.papers.numbers import grouped
from bot.reports.figures import Period
from bot.reports.periods import WEEK
from bot.reports.placement_figures import Brings, Line, PlacementFigures, Told

PLACEMENT: Final = "placement"
CAMPAIGN: Final = "campaign"
BY: Final = (PLACEMENT, CAMPAIGN)
"""What these figures are asked for by."""


def tables(figures: PlacementFigures, by: str, words: FigureWords) -> list[FigureTable]:
    """Give the tables that are asked for: the lines, and all of them together week by week."""
    heads = [words.say(f"column_{name}") for name in ("scans", "brought", "brought_share")]
    if by == PLACEMENT:
        rows = [[named(line, words), line.campaign, *_cells(line.brings, words)] for line in figures.placements]
        lines = FigureTable(
            words.say("placements"), [words.say("column_placement"), words.say("column_campaign"), *heads], rows
        )
    else:
        rows = [[line.name, *_cells(line.brings, words)] for line in figures.campaigns]
        lines = FigureTable(words.say("campaigns"), [words.say("column_campaign"), *heads], rows)
    weeks: list[list[Cell]] = [
        [f"{day(monday)} – {day(monday + timedelta(days=WEEK - 1))}", *_cells(brings, words)]
        for monday, brings in zip(figures.weeks, figures.by_week, strict=True)
    ]
    return [lines, FigureTable(words.say("scans_by_week"), [words.say("column_week"), *heads], weeks)]


def about(figures: PlacementFigures, words: FigureWords) -> str:
    """Say which days these figures are of, and what is not told."""
    if figures.period is None:
        return words.say("no_weeks")
    return f"{words.say('period', **words.period(figures.period), office='')}. {words.say('few_left_out')}"


def named(line: Line, words: FigureWords) -> str:
    """Name a line; a closed placement so that one sees it."""
    return words.say("closed", place=line.name) if line.closed else line.name


def told(number: Told, words: FigureWords) -> str:
    """Write a number as it may be told."""
    if number.number is None:
        return words.say("few")
    return f"≥ {grouped(number.number)}" if number.more else grouped(number.number)


def days(period: Period | None, words: FigureWords) -> str:
    """Write the days of a period; empty where there is none."""
    return words.say("period", **words.period(period), office="") if period else ""


def _cells(brings: Brings, words: FigureWords) -> Sequence[Cell]:
    # A number that may be more is a text: nobody's sum of the column must take it for a whole one.
    scans, reports = (
        number.number if number.number is not None and not number.more else told(number, words)
        for number in (brings.scans, brings.reports)
    )
    return [scans, reports, brings.share]
