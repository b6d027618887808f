"""What `shekteu stats` does: the figures of a period, to read, or as a file for other programs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.database import Database, driver
from bot.languages import Language
from bot.new_file import write_new
from bot.offices.office import MAIN
from bot.offices.store import read
from bot.papers.figure_files import FORMATS, as_csv, as_json, as_text, as_workbook
from bot.papers.figure_tables import BY, tables
from bot.papers.figure_words import FigureWords
from bot.papers.placement_tables import BY as PLACED
from bot.papers.statistics_papers import StatisticsPapers
from bot.papers.workshop import NotMade, Workshop
from bot.reports.figures import Period, Statistics
from bot.reports.periods import MONTH, WEEK, last_days
from bot.reports.statistics import Counting
from bot.texts import Texts

DRAWN = ("pdf", "png")
"""The formats of papers: the note for the head of the office, and the picture."""
MAIN_DESK = "main"
"""How the main desk is asked for, which has no name."""


class NotCounted(Exception):
    """The figures cannot be given as they were asked for; the message says what to do instead."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for."""

    first: date | None = None
    last: date | None = None
    week: bool = False
    by: str | None = None
    form: str = "text"
    out: Path | None = None
    office: str | None = None
    """The name of an office, or MAIN_DESK; None: all of them but the restricted one."""
    month: bool = False

    @property
    def placed(self) -> bool:
        """Tell whether it asks what placements brought."""
        return self.by in PLACED

    def checked(self) -> Asked:
        """Give itself; raise NotCounted."""
        for name, given, known in (("--by", self.by, (*BY, *PLACED)), ("--format", self.form, (*FORMATS, *DRAWN))):
            if given is not None and given not in known:
                raise NotCounted(f"{name} {given}: one of {', '.join(known)} is wanted.")
        if self.last and not self.first:
            raise NotCounted("--to wants --from: from which day on?")
        if self.form in ("xlsx", *DRAWN) and not self.out:
            raise NotCounted(f"--format {self.form} wants --out FILE: it is nothing for a terminal.")
        if self.placed and self.form == "pdf":
            raise NotCounted(f"--format pdf is the note, which has nothing by {self.by}: png is a picture of that.")
        if self.placed and self.office:
            raise NotCounted(f"--by {self.by} is of no one office: leave --office out.")
        if self.form in ("json", *DRAWN) and self.by and not self.placed:
            raise NotCounted(f"--format {self.form} has its own choice of figures: leave --by out.")
        if self.out and self.out.exists():
            raise NotCounted(f"{self.out} is there already: name a file that is not.")
        if self.out and not self.out.parent.is_dir():
            raise NotCounted(f"There is no folder {self.out.parent}: make it first.")
        return self

    def period(self, today: date) -> Period:
        """Give the days; raise NotCounted."""
        if self.first is None:
            return last_days(WEEK if self.week else MONTH, today)
        last = self.last or max(today, self.first)
        if last < self.first:
            raise NotCounted(f"--from {self.first} is after --to {last}: give the earlier day first.")
        return Period(self.first, last)


async def stats(database: Database, asked: Asked, counting: Counting, texts: Texts, language: Language) -> str:
    """Count, and give what is to be printed. A file is written in `language`, a terminal reads English."""
    offices = await _offices(database, asked.office)
    statistics = await counting.statistics(asked.period(counting.today), offices)
    words = FigureWords(texts, Language.EN if asked.form == "text" else language)
    if asked.form in DRAWN:
        made = await _drawn(asked, statistics, StatisticsPapers(Workshop(), texts), language, counting.today)
    else:
        made = _made(asked, statistics, words)
    if asked.out is None:
        return made.decode()
    write_new(asked.out, made)
    return f"The figures of {statistics.this.period.first} to {statistics.this.period.last} are in {asked.out}.\n"


def _made(asked: Asked, statistics: Statistics, words: FigureWords) -> bytes:
    about = words.say("period", **words.period(statistics.this.period), office=asked.office or "")
    if asked.form == "json":
        return as_json(statistics).encode()
    every = tables(statistics, words)
    shown = [every[asked.by]] if asked.by else list(every.values())
    if asked.form == "xlsx":
        return as_workbook(shown, about)
    return as_csv(shown) if asked.form == "csv" else f"{about}\n\n{as_text(shown, words)}".encode()


async def _drawn(
    asked: Asked, statistics: Statistics, papers: StatisticsPapers, language: Language, today: date
) -> bytes:
    draw = papers.note if asked.form == "pdf" else papers.picture
    office = None if asked.office == MAIN_DESK else asked.office
    try:
        return await draw(statistics, language, office, made=today)
    except NotMade:
        raise NotCounted(NotMade.__doc__) from None


async def _offices(database: Database, name: str | None) -> tuple[int, ...]:
    if name == MAIN_DESK:
        return (MAIN,)
    async with database.transaction() as connection:
        offices = await read(await driver(connection))
    if name is None:
        # As the main desk counts: of two papers of the same days one would else tell how much is restricted.
        return tuple(offices.scope(None))
    found = [office.id for office in offices.offices if office.name.lower() == name.lower()]
    if not found:
        known = ", ".join([MAIN_DESK, *(office.name for office in offices.offices)])
        raise NotCounted(f"--office {name}: there is no such office. Known: {known}.")
    return tuple(found)
