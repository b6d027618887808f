"""What a case file tells of a report: its links, what officers did, and where these acts stand in the journal's chain.

Of what the citizen did only the day is told: the accused reads the file, and a minute may be enough to know who it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.clock import to_minute
from bot.delivery.outbox import CardSort
from bot.languages import Language
from bot.papers import case_queries
from bot.papers.captures import WARC, Captures
from bot.papers.pieces import Piece, Pieces, PieceSort
from bot.reports import chain, queries
from bot.reports.deciding import Officer

EVIDENCE: Final = "evidence"
"""The act of making a case file, on the report."""
DISCLOSE: Final = "disclose"
"""The act of putting something of the citizen's into one."""
AFTER: Final = "after/"
"""The folder of officers' photos."""
NUMBERS: Final = 20
"""Of the reports that name a link, so many of the newest are told."""


class NoReport(Exception):
    """There is no report of this number."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link that the report names."""

    place: int
    """Among all that it names, counted from 1."""
    url: str | None
    """None: a private one, whose address is a piece; or one that was erased."""
    private: bool
    platform: str
    what: str
    first_reported: date
    times_reported: int
    standing: str
    """A decision where there is one, else a status."""
    decided: datetime | None
    numbers: list[int]


@dataclass(frozen=True, slots=True)
class Done:
    """An officer's act on the report or on one of its links. Of questions nothing is told: they are conversation."""

    at: datetime
    """To the minute."""
    by: str
    act: str
    sort: str
    about: int | None
    """The place of the link; None: the report itself."""
    position: int | None
    """In the journal's chain; None: it is not chained yet."""
    before: bytes
    """The hash of the link before."""
    hash: bytes
    erdr: str | None = None
    """The number under which the case was registered."""
    article: str | None = None
    """The article of the Criminal Code, by its number, or `other`."""


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that is enclosed."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Case:
    """All that a case file tells."""

    number: int
    kind: str
    filed: date
    status: str
    decision: str | None
    decided: datetime | None
    links: list[Link]
    acts: list[Done]
    head: chain.Head | None
    pieces: list[Piece]
    """All that there are; which of them enter is another question."""
    captures: list[Enclosed] = field(default_factory=list)
    """Pages as they were looked at."""
    captures_left: int = 0
    """Older ones, for which there is no room."""
    after: list[Enclosed] = field(default_factory=list)
    """Officers' own photos, of what they have painted over."""
    also: str | None = None
    """The decision that stands beside `decision`, and was made before it."""

    @property
    def captured(self) -> int:
        """Give how many captures there are; each is two files, or three with a picture."""
        return sum(file.name.endswith(WARC) for file in self.captures)

    def with_pieces(self, put_in: list[Piece]) -> Case:
        """Give the case as a file tells it that holds these pieces: of other private links not even that they are."""
        told = {piece.place: piece.text for piece in put_in if piece.sort is PieceSort.LINK}
        links = [
            replace(link, url=link.url or told.get(link.place))
            for link in self.links
            if not link.private or link.place in told
        ]
        known = {None, *(link.place for link in links)}
        return replace(self, links=links, acts=[act for act in self.acts if act.about in known])


class Cases:
    """Reads what a case file tells, on the driver's connection of an open transaction."""

    def __init__(self, pieces: Pieces, zone: ZoneInfo) -> None:
        self.pieces, self.zone = pieces, zone
        self._captures = Captures(pieces.ring)

    async def choices(self, driver: Any, report_id: UUID, language: Language) -> list[Piece]:
        """List the pieces of a report; raise NoReport."""
        report, links = await self._report(driver, report_id)
        return await self.pieces.of(driver, report, links, language)

    async def read(self, driver: Any, report_id: UUID, language: Language) -> Case:
        """Read the case of a report; raise NoReport."""
        report, links = await self._report(driver, report_id)
        places = {row["id"]: place for place, row in enumerate(links, 1)}
        acts = await driver.fetch(case_queries.ACTS, [report_id, *places])
        captures, left = await self._captures.of(driver, places)
        return Case(
            report["number"],
            report["kind"],
            self._day(report["filed_at"]),
            report["status"],
            report["decision"],
            self._local(report["decided_at"]),
            [self._link(place, row) for place, row in enumerate(links, 1)],
            [self._done(row, places) for row in acts],
            await chain.head(driver),
            await self.pieces.of(driver, report, links, language),
            captures=[Enclosed(name, data) for name, data in captures],
            captures_left=left,
            after=[
                Enclosed(f"{AFTER}photo-{place}.jpg", self.pieces.photo(row))
                for place, row in enumerate(await driver.fetch(case_queries.AFTER, [report_id, *places]), 1)
            ],
            also=report["also"],
        )

    async def _report(self, driver: Any, report_id: UUID) -> tuple[Any, list[Any]]:
        report = await driver.fetchrow(case_queries.REPORT, report_id)
        if report is None:
            raise NoReport
        return report, list(await driver.fetch(case_queries.LINKS, report_id, NUMBERS))

    def _link(self, place: int, row: Any) -> Link:
        return Link(
            place,
            row["url"],
            row["sealed"] is not None,
            row["platform"],
            row["what"],
            self._day(row["first_reported_at"]),
            row["times_reported"],
            row["decision"] or row["status"],
            self._local(row["decided_at"]),
            row["numbers"],
        )

    def _done(self, row: Any, places: dict[UUID, int]) -> Done:
        return Done(
            to_minute(row["at"]).astimezone(self.zone),
            row["officer_name"],
            row["act"],
            row["sort"],
            places.get(row["subject"]),
            row["position"],
            # The first link has none before it.
            row["before"] or chain.BEGIN,
            row["hash"] or b"",
            row["erdr"],
            row["article"],
        )

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def _local(self, moment: datetime | None) -> datetime | None:
        return to_minute(moment).astimezone(self.zone) if moment else None


async def note(driver: Any, report_id: UUID, officer: Officer, now: datetime, *, disclosed: bool) -> None:
    """Write into the journal who makes a case file, and that something of the citizen's is put into it."""
    for act in [EVIDENCE, DISCLOSE] if disclosed else [EVIDENCE]:
        entry = now, officer.id, officer.name, act, CardSort.REPORT.value, report_id
        await driver.execute(queries.JOURNAL, *entry)
