"""The figures of a period as a picture for a phone, and as a note of one page for the head of the office."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from bot.languages import Language
from bot.papers.figure_words import FigureWords, day
from bot.papers.picture import Bars, Lines, Number, Picture
from bot.papers.sheet import Block, Sheet, Signature, Table, Words
from bot.papers.workshop import Workshop
from bot.reports.figures import Day, Figures, Statistics
from bot.texts import Texts

BARS: Final = 6
"""Bars of one panel; what is more is added up into one."""
TOP: Final = 5
"""Districts, and platforms, of a note."""
DAYS: Final = 100
"""A period of more days is shown by weeks."""
WEEK: Final = 7

Count = Callable[[Figures], int]


class StatisticsPapers:
    """Makes the papers of figures. They raise NotMade."""

    def __init__(self, workshop: Workshop, texts: Texts) -> None:
        self._workshop, self._texts = workshop, texts

    async def picture(
        self, statistics: Statistics, language: Language, office_name: str | None = None, *, made: date
    ) -> bytes:
        """Give the picture as PNG. `made` is the office's today; `office_name`: whose figures these are, if not all."""
        return await self._workshop.make(picture(statistics, self._texts, language, office_name, made))

    async def note(
        self, statistics: Statistics, language: Language, office_name: str | None = None, *, made: date
    ) -> bytes:
        """Give the note as PDF, on one page."""
        return await self._workshop.make(note(statistics, self._texts, language, office_name, made))


def picture(statistics: Statistics, texts: Texts, language: Language, office_name: str | None, made: date) -> Picture:
    """Write what the picture shows."""
    words, this = FigureWords(texts, language), statistics.this

    def number(name: str, value: Callable[[Figures], str]) -> Number:
        before, year_ago = value(statistics.before), value(statistics.year_ago)
        return Number(
            value=value(this), label=words.say(name), beside=words.say("beside", before=before, year_ago=year_ago)
        )

    step = 1 if len(this.by_day) <= DAYS else WEEK
    return Picture(
        title=words.say("title"),
        below=words.say("period", **words.period(this.period), office=office_name or ""),
        numbers=[
            number("reports", lambda figures: words.number(figures.reports.total)),
            number("acted", lambda figures: words.share(figures.reports.share_acted)),
            number("blocked", lambda figures: words.number(figures.blocked)),
            number("decide", lambda figures: words.time(figures.decide.median)),
        ],
        lines=Lines(
            title=words.say("by_day" if step == 1 else "by_week"),
            days=[one.day for one in this.by_day[: len(this.by_day) // step * step : step]],
            now=_steps(this.by_day, step),
            before=_steps(statistics.before.by_day, step),
            now_label=words.say("now"),
            before_label=words.say("before"),
        ),
        left=_bars(words, "by_kind", this.by_kind, words.kind),
        right=_bars(words, "by_standing", this.reports.by_standing, words.standing),
        footer=words.say("made", day=day(made)),
    )


def note(statistics: Statistics, texts: Texts, language: Language, office_name: str | None, made: date) -> Sheet:
    """Write the note."""
    return _Note(statistics, FigureWords(texts, language), language).sheet(office_name, made)


class _Note:
    def __init__(self, statistics: Statistics, words: FigureWords, language: Language) -> None:
        self._all, self._words, self._language = statistics, words, language

    def sheet(self, office_name: str | None, made: date) -> Sheet:
        say, period = self._words.say, self._words.period(self._all.this.period)
        about = say("note_about", **period)
        return Sheet(
            title=say("note_title"),
            below=f"{about}\n{office_name}" if office_name else about,
            language=self._language.value,
            footer=f"{say('note_footer', **period)} · {day(made)}",
            one_page=True,
            blocks=[
                *self._table("main", self._main()),
                *self._table("kinds", self._each(lambda figures: figures.by_kind, self._words.kind)),
                *self._table(
                    "standings", self._each(lambda figures: figures.reports.by_standing, self._words.standing)
                ),
                *self._table("districts", self._each(lambda figures: figures.by_district, self._district, TOP)),
                *self._table("platforms", self._each(lambda figures: figures.by_platform, self._words.platform, TOP)),
                Words(text=say("note_lead"), small=True),
                Signature(lines=[(say("head"), say("signed")), (say("officer"), say("signed"))]),
            ],
        )

    def _main(self) -> list[list[str]]:
        words = self._words
        return [
            self._row("reports", lambda figures: words.number(figures.reports.total)),
            self._row("duplicates", lambda figures: words.number(words.left_out(figures))),
            self._row("acted", lambda figures: words.number(figures.reports.acted)),
            self._row("share", lambda figures: words.share(figures.reports.share_acted)),
            self._row("links", lambda figures: words.number(figures.resources.total)),
            self._row("repeats", lambda figures: words.number(figures.repeats)),
            self._row("sent", lambda figures: words.number(figures.sent_to_block)),
            self._row("blocked", lambda figures: words.number(figures.blocked)),
            self._row("blocked_again", lambda figures: words.number(figures.blocked_again)),
            self._row("reach", lambda figures: words.number(figures.reach)),
            self._row("found", lambda figures: words.number(figures.found)),
            self._row("claim", lambda figures: words.time(figures.claim.median)),
            self._row("claim_most", lambda figures: words.time(figures.claim.ninetieth)),
            self._row("decide", lambda figures: words.time(figures.decide.median)),
            self._row("decide_most", lambda figures: words.time(figures.decide.ninetieth)),
        ]

    def _row(self, name: str, value: Callable[[Figures], str]) -> list[str]:
        beside = (self._all.this, self._all.before, self._all.year_ago)
        return [self._words.say(f"row_{name}"), *(value(figures) for figures in beside)]

    def _each(
        self, counts: Callable[[Figures], Mapping[str, int]], name: Callable[[str], str], most: int | None = None
    ) -> list[list[str]]:
        """List what is counted, the most first, beside the other two periods."""
        this, before, year_ago = (counts(figures) for figures in (self._all.this, self._all.before, self._all.year_ago))
        shown = list(this)[:most] if most else [*this, *(key for key in before if key not in this)]
        number = self._words.number
        return [
            [name(key), number(this.get(key, 0)), number(before.get(key, 0)), number(year_ago.get(key, 0))]
            for key in shown
        ]

    def _table(self, heading: str, rows: list[list[str]]) -> list[Block]:
        say = self._words.say
        if not rows:
            return []
        head = [say(heading), *(say(f"column_{name}") for name in ("now", "before", "year_ago"))]
        return [Table(head=head, rows=rows, widths=[86, 28, 28, 28], align="LRRR", small=True)]

    def _district(self, code: str) -> str:
        return self._words.district(code, self._all.districts)


def _steps(days: tuple[Day, ...], step: int) -> list[int]:
    # A week that was cut short would look like a fall.
    whole = range(0, len(days) // step * step, step)
    return [sum(one.reports for one in days[start : start + step]) for start in whole]


def _bars(words: FigureWords, title: str, counts: Mapping[str, int], name: Callable[[str], str]) -> Bars:
    rows = [(name(key), number) for key, number in counts.items()]
    if len(rows) > BARS:
        rows = [*rows[: BARS - 1], (words.say("others"), sum(number for _, number in rows[BARS - 1 :]))]
    return Bars(title=words.say(title), rows=rows, empty=words.say("none"))
