"""What placements brought as a picture for a phone, and as the text under it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from bot.languages import Language
from bot.papers.figure_text import CAPTION, MOST, length
from bot.papers.figure_words import FigureWords, day
from bot.papers.picture import Bars, Lines, Number, Picture
from bot.papers.placement_tables import PLACEMENT, days, named, told
from bot.papers.workshop import Workshop
from bot.reports.placement_figures import Line, PlacementFigures, Told
from bot.texts import Texts

BARS: Final = 8
"""Bars of one panel; of the rest it is said how many there are."""


class PlacementPapers:
    """Makes the picture. Raises NotMade."""

    def __init__(self, workshop: Workshop, texts: Texts) -> None:
        self._workshop, self._texts = workshop, texts

    async def picture(self, figures: PlacementFigures, by: str, language: Language, made: date) -> bytes:
        """Give the picture as PNG. `made` is the office's today."""
        return await self._workshop.make(picture(figures, by, FigureWords(self._texts, language), made))


def picture(figures: PlacementFigures, by: str, words: FigureWords, made: date) -> Picture:
    """Write what the picture shows."""
    total = figures.total
    numbers = {
        "scans": told(total.scans, words),
        "brought": told(total.reports, words),
        "brought_share": words.share(total.share),
        "placements_open": words.number(sum(not line.closed for line in figures.placements)),
    }
    lines = figures.placements if by == PLACEMENT else figures.campaigns
    return Picture(
        title=words.say("placements_title"),
        below=days(figures.period, words) or words.say("no_weeks"),
        numbers=[Number(value=value, label=words.say(f"column_{name}")) for name, value in numbers.items()],
        lines=Lines(
            title=words.say("scans_by_week"),
            days=list(figures.weeks),
            now=[brings.reports.number for brings in figures.by_week],
            before=[brings.scans.number for brings in figures.by_week],
            now_label=words.say("column_brought"),
            before_label=words.say("column_scans"),
        ),
        left=_bars(words, f"scans_by_{by}", lines, lambda line: line.brings.scans),
        right=_bars(words, f"brought_by_{by}", lines, lambda line: line.brings.reports),
        footer=words.say("few_left_out_made", day=day(made)),
    )


def caption(figures: PlacementFigures, by: str, texts: Texts, language: Language) -> str:
    """Write the figures as Telegram HTML that fits under a picture: the longer its names, the fewer."""
    words = FigureWords(texts, language)
    shown = figures.placements if by == PLACEMENT else figures.campaigns
    for most in range(MOST, -1, -1):
        rendered = texts.render(language, "desk.placement_stats", **_variables(figures, shown[:most], by, words))
        if length(rendered) <= CAPTION:
            break
    return rendered


def _variables(figures: PlacementFigures, shown: tuple[Line, ...], by: str, words: FigureWords) -> dict[str, Any]:
    total = figures.total
    of_all = {"scans": told(total.scans, words), "reports": told(total.reports, words)}
    return {
        "period": days(figures.period, words),
        "campaigns": by != PLACEMENT,
        **of_all,
        "share": words.share(total.share),
        "lines": [
            {
                "name": named(line, words),
                "scans": told(line.brings.scans, words),
                "reports": told(line.brings.reports, words),
                "share": words.share(line.brings.share) if line.brings.share is not None else "",
            }
            for line in shown
            if line.brings.scans.number or line.brings.reports.number
        ],
    }


def _bars(words: FigureWords, title: str, lines: tuple[Line, ...], value: Callable[[Line], Told]) -> Bars:
    rows = sorted(
        ((named(line, words), number) for line in lines if (number := value(line).number)),
        key=lambda row: (-row[1], row[0]),
    )
    return Bars(title=words.say(title), rows=rows[:BARS], empty=words.say("few_in_all"))
