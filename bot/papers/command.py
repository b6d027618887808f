"""What `shekteu evidence №` does: the same case file as the desk's, into a new file."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import asyncpg

from bot.database import Database, driver
from bot.languages import Language
from bot.new_file import write_new
from bot.papers import case_queries
from bot.papers.captures import WARC
from bot.papers.case import Enclosed, note
from bot.papers.case_file import CaseFile, CaseFiles, Gathered, PieceUnknown, Wanted
from bot.papers.pieces import Piece
from bot.privacy.keyring import KeyRing
from bot.reports import chain
from bot.reports.deciding import Officer
from bot.texts import Texts

NOBODY: Final = 0
"""Who acts from the command line has no number in Telegram."""
WARNING: Final = (
    "The accused and their counsel will read this: {named}.\n"
    "The style, the place of a photo, or who knew of it may tell them who reported.\n"
    "Nothing was written. With --yes it is."
)

Draw = Callable[[bytes], Awaitable[bytes | None]]
"""Gives a WARC file's page as a PNG."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for."""

    number: int
    language: Language
    pieces: Sequence[str]
    """The citizen's pieces that enter."""
    by: str | None
    """Who makes it, as the cover and the journal name them."""
    out: Path
    yes: bool
    """That the accused will read these pieces was read."""
    drawn: Draw | None = None
    """What draws the captures, where a browser was asked for; it gives None for a page that it cannot draw."""


class NoCase(Exception):
    """The case file cannot be made as it was asked for; the message says what to do instead."""


class Command:
    """Makes a case file from the command line."""

    def __init__(self, database: Database, ring: KeyRing, files: CaseFiles, texts: Texts) -> None:
        self._database, self._ring, self._files, self._texts = database, ring, files, texts

    async def run(self, asked: Asked, now: datetime) -> list[str]:
        """Write the file, and give the lines that say so; raise NoCase, NotMade."""
        who = asked.by or self._texts.plain(asked.language, "desk.case.command_line")
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            report_id = await raw.fetchval(case_queries.ANY_BY_NUMBER, asked.number)
            if report_id is None:
                raise NoCase(f"There is no report №{asked.number}.")
            pieces = await self._files.cases.choices(raw, report_id, asked.language)
            _check(asked, pieces)
            await note(raw, report_id, Officer(NOBODY, who), now, disclosed=bool(asked.pieces))
        await self._chain()
        wanted = Wanted(report_id, asked.language, asked.pieces, who)
        async with self._database.transaction() as connection:
            gathered = await self._gathered(await driver(connection), wanted)
        if asked.drawn:
            gathered = await _with_pictures(gathered, asked.drawn)
        made = await self._files.make(gathered, wanted, now)
        _write(asked.out, made.data)
        return _lines(asked.out, made, pieces)

    async def _gathered(self, raw: Any, wanted: Wanted) -> Gathered:
        try:
            return await self._files.gather(raw, wanted)
        except PieceUnknown as gone:
            raise NoCase(f"{gone.name} was erased at this moment.") from None

    async def _chain(self) -> None:
        """Give the act its place in the chain: where no bot runs, nobody else does."""
        for _ in range(3):
            try:
                async with self._database.lend() as raw:
                    while await chain.append(raw, self._ring, 0):
                        pass
            except asyncpg.UniqueViolationError:
                # The leader has chained at this moment.
                await asyncio.sleep(1)
            else:
                return


async def _with_pictures(gathered: Gathered, draw: Draw) -> Gathered:
    """Put a picture beside each capture: outside of any transaction, since a browser takes seconds for it."""
    captures = []
    for capture in gathered.case.captures:
        captures.append(capture)
        data = await draw(capture.data) if capture.name.endswith(WARC) else None
        if data:
            captures.append(Enclosed(f"{capture.name.removesuffix(WARC)}.png", data))
    return replace(gathered, case=replace(gathered.case, captures=captures))


def _check(asked: Asked, pieces: list[Piece]) -> None:
    if asked.out.exists() or not asked.out.parent.is_dir():
        raise NoCase(f"{asked.out}: name a new file, in a folder that is there.")
    known = [piece.name for piece in pieces]
    for name in asked.pieces:
        if name not in known:
            there = ", ".join(known) or "none: nothing of the citizen's is kept any more"
            raise NoCase(f"--with {name}: the pieces of this report are {there}.")
    if asked.pieces and not asked.yes:
        raise NoCase(WARNING.format(named=", ".join(asked.pieces)))


def _lines(out: Path, made: CaseFile, pieces: list[Piece]) -> list[str]:
    put_in = [piece.name for piece in made.put_in]
    left = [piece.name for piece in pieces if piece.name not in put_in]
    lines = [
        f"{out}, SHA-256 {made.sha256}",
        f"Of what the citizen sent it holds: {', '.join(put_in) or 'nothing'}.",
    ]
    return [*lines, f"Left out: {', '.join(left)}."] if left else lines


def _write(path: Path, data: bytes) -> None:
    try:
        write_new(path, data)
    except OSError as error:
        raise NoCase(f"{path}: {error.strerror}.") from None
