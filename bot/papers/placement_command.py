"""What `shekteu stats --by placement` does, and `--by campaign`."""

from __future__ import annotations

from datetime import date

import orjson

from bot.languages import Language
from bot.new_file import write_new
from bot.papers.figure_command import Asked, NotCounted
from bot.papers.figure_files import as_csv, as_text, as_workbook
from bot.papers.figure_words import FigureWords
from bot.papers.placement_papers import PlacementPapers
from bot.papers.placement_tables import about, tables
from bot.papers.workshop import NotMade, Workshop
from bot.reports.periods import last_days
from bot.reports.placement_counting import DAYS, PlacementCounting
from bot.reports.placement_figures import PlacementFigures
from bot.texts import Texts


async def stats(counting: PlacementCounting, asked: Asked, texts: Texts, language: Language) -> str:
    """Count, and give what is to be printed; raise NotCounted. A file is in `language`, a terminal reads English."""
    bare = asked.first is None and not (asked.week or asked.month)
    period = last_days(DAYS, counting.today) if bare else asked.period(counting.today)
    figures = await counting.figures(period)
    spoken = Language.EN if asked.form == "text" else language
    try:
        data = await made(figures, asked.by or "", asked.form, texts, spoken, counting.today)
    except NotMade:
        raise NotCounted(NotMade.__doc__) from None
    if asked.out is None:
        return data.decode()
    write_new(asked.out, data)
    return f"The figures of {len(figures.weeks)} whole weeks are in {asked.out}.\n"


async def made(figures: PlacementFigures, by: str, form: str, texts: Texts, language: Language, today: date) -> bytes:
    """Give the figures in a format: text, json, csv, xlsx or png; raise NotMade."""
    if form == "json":
        return orjson.dumps(figures, option=orjson.OPT_INDENT_2) + b"\n"
    if form == "png":
        return await PlacementPapers(Workshop(), texts).picture(figures, by, language, today)
    words = FigureWords(texts, language)
    shown = tables(figures, by, words)
    if form == "xlsx":
        return as_workbook(shown, about(figures, words))
    return as_csv(shown) if form == "csv" else f"{about(figures, words)}\n\n{as_text(shown, words)}".encode()
