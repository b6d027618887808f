"""The cover of a case file: what it holds, in words that an office files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from bot.languages import Language
from bot.papers.case import Case, Done, Link
from bot.papers.numbers import grouped
from bot.papers.pieces import Piece, label
from bot.papers.sheet import Block, Boxed, Heading, Pairs, Sheet, Signature, Table, Words
from bot.reports.link_words import place_of
from bot.texts import Texts

LISTED: Final = 1000
"""Links, and acts, that the cover lists: some twenty pages each. case.json and journal.json have all."""
NONE: Final = "—"
OTHER: Final = "other"
"""An article that is not on the desk's list."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An enclosed file as the cover lists it."""

    name: str
    size: int
    sha256: str


class Cover:
    """Writes covers in one language."""

    def __init__(self, texts: Texts, language: Language) -> None:
        self._texts, self._language = texts, language

    def sheet(self, case: Case, put_in: list[Piece], made: datetime, by: str, files: list[Listed]) -> Sheet:
        """Write the cover of a case. `put_in`: the citizen's pieces that it holds; `files`: all but the cover."""
        return Sheet(
            title=self._say("title", number=case.number),
            below=self._say("made", moment=_moment(made), by=by),
            language=self._language.value,
            footer=self._say("footer", number=case.number),
            blocks=[
                Boxed(text=self._say("lead")),
                Pairs(rows=self._about(case)),
                *self._links(case),
                *self._acts(case),
                *self._captures(case, made),
                *self._citizen(put_in),
                *self._files(files),
                Signature(lines=[(self._say("officer"), self._say("officer_under"))]),
            ],
        )

    def standing(self, word: str) -> str:
        """Say how something stands: a decision where there is one, else a status."""
        for name in (f"desk.done.{word}", f"desk.status.{word}"):
            if self._texts.has(self._language, name):
                return self._texts.plain(self._language, name)
        return word

    def _about(self, case: Case) -> list[tuple[str, str]]:
        name = f"kinds.{case.kind}.name"
        kind = self._texts.plain(self._language, name) if self._texts.has(self._language, name) else case.kind
        stands = [*([case.also] if case.also else []), case.decision or case.status]
        standing = "; ".join(map(self.standing, stands))
        decided = f"{standing}, {_moment(case.decided)}" if case.decided else standing
        return [
            (self._say("kind"), kind),
            (self._say("filed"), _day(case.filed)),
            (self._say("stands"), decided),
        ]

    def _links(self, case: Case) -> list[Block]:
        if not case.links:
            return []
        columns = ("place", "link", "where", "first", "times", "numbers", "stands")
        return [
            Heading(text=self._say("links")),
            Table(
                head=[self._say(f"column_{name}") for name in columns],
                rows=[self._link(link) for link in case.links[:LISTED]],
                widths=[7, 50, 25, 20, 18, 24, 26],
                align="RLLLRLL",
                small=True,
            ),
            *self._more(len(case.links), "links_more"),
            Words(text=self._say("links_about"), small=True),
        ]

    def _link(self, link: Link) -> list[str]:
        where = place_of(self._texts, self._language, link.platform, link.what)
        standing = f"{self.standing(link.standing)}{f', {_moment(link.decided)}' if link.decided else ''}"
        numbers = ", ".join(str(number) for number in link.numbers)
        first, times = _day(link.first_reported), grouped(link.times_reported)
        return [str(link.place), link.url or NONE, where, first, times, numbers, standing]

    def _acts(self, case: Case) -> list[Block]:
        heading = Heading(text=self._say("acts"))
        if not case.acts:
            return [heading, Words(text=self._say("acts_none"))]
        columns = ("when", "act", "about", "by", "position")
        return [
            heading,
            Table(
                head=[self._say(f"column_{name}") for name in columns],
                rows=[self._act(act) for act in case.acts[:LISTED]],
                widths=[26, 50, 32, 40, 22],
                align="LLLLR",
                small=True,
            ),
            *self._more(len(case.acts), "acts_more"),
            *([Words(text=self._say("after_count", count=len(case.after)))] if case.after else []),
            Words(text=self._say("acts_about", head=case.head.short() if case.head else ""), small=True),
        ]

    def _act(self, act: Done) -> list[str]:
        own = f"desk.case.act_{act.act}"
        done = self._texts.plain(self._language, own) if self._texts.has(self._language, own) else None
        about = self._say("about_link", place=act.about) if act.about else self._say("about_report")
        registered = self._registered(act)
        position = NONE if act.position is None else str(act.position)
        return [_moment(act.at), (done or self.standing(act.act)) + registered, about, act.by, position]

    def _registered(self, act: Done) -> str:
        named = [
            *([f"№ {act.erdr}"] if act.erdr else []),
            # One that is not on the desk's list is written in words there, which stay sealed.
            *([self._say("article", article=act.article)] if act.article and act.article != OTHER else []),
        ]
        return "".join(f", {each}" for each in named)

    def _captures(self, case: Case, made: datetime) -> list[Block]:
        # WARC knows UTC alone; beside the office's days a capture would seem to be older than its report.
        here = f"{made:%z}".removesuffix("00")
        words = self._say("captures_none")
        if case.captures:
            words = self._say("captures_count", count=case.captured, here=here)
        left = [Words(text=self._say("captures_left", count=case.captures_left))] if case.captures_left else []
        return [Heading(text=self._say("captures")), Words(text=words), *left]

    def _citizen(self, put_in: list[Piece]) -> list[Block]:
        heading = Heading(text=self._say("citizen"))
        if not put_in:
            return [heading, Words(text=self._say("citizen_none"))]
        named = "; ".join(label(self._texts, self._language, piece) for piece in put_in)
        return [heading, Boxed(text=self._say("citizen_in")), Words(text=named)]

    def _files(self, files: list[Listed]) -> list[Block]:
        return [
            Heading(text=self._say("files")),
            Table(
                head=[self._say(f"column_{name}") for name in ("file", "size", "sha256")],
                rows=[[file.name, grouped(file.size), file.sha256] for file in files],
                widths=[46, 22, 102],
                align="LRL",
                small=True,
            ),
            Words(text=self._say("verify"), small=True),
        ]

    def _more(self, total: int, name: str) -> list[Block]:
        return [Words(text=self._say(name, shown=LISTED, total=total), small=True)] if total > LISTED else []

    def _say(self, name: str, **variables: Any) -> str:
        return self._texts.plain(self._language, f"desk.case.{name}", **variables)


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def _moment(moment: datetime) -> str:
    return f"{moment:%d.%m.%Y %H:%M}"
