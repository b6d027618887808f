"""`shekteu evidence captures`: all captures of a report's links, written out for who examines them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from bot.database import Database, driver
from bot.evidence.screenshots import NotDrawn, draw
from bot.new_file import NotTakenOut, own_folder, write_into
from bot.papers.captured import CapturedPage
from bot.papers.captures import WARC, written
from bot.privacy.keyring import KeyRing
from bot.privacy.sealing import CannotOpen

SUMS: Final = "SHA256SUMS"
REPORT: Final = "SELECT id FROM reports WHERE number = $1"
CAPTURES: Final = """
SELECT capture.id, capture.at FROM captures AS capture
WHERE capture.resource_id IN (SELECT resource_id FROM report_links WHERE report_id = $1) ORDER BY capture.at, capture.id
"""
CAPTURE: Final = "SELECT page, warc FROM captures WHERE id = $1"


@dataclass(slots=True)
class TakenOut:
    """What came of it."""

    written: int = 0
    damaged: int = 0
    drawn: int = 0
    not_drawn: int = 0

    def lines(self, folder: Path) -> list[str]:
        """Tell what came of it."""
        count = f"{self.written} {'capture' if self.written == 1 else 'captures'}"
        told = [f"{count} and {SUMS} in {folder}; `sha256sum -c {SUMS}` checks them there."]
        if self.damaged:
            told.append(f"{self.damaged} not written: they do not open.")
        if self.drawn or self.not_drawn:
            told.append(f"{self.drawn} drawn by a browser, without scripts and what else they would have fetched.")
        if self.not_drawn:
            told.append(f"{self.not_drawn} not drawn. {NotDrawn.__doc__}")
        return told


class Captures:
    """Opens what was captured."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database, self._ring = database, ring

    async def take_out(self, number: int, folder: Path, program: Path | None = None) -> TakenOut:
        """Write the captures of a report's links and their sums into a folder, new or empty; raise NotTakenOut.

        `program` is the browser that draws them too.
        """
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            report_id = await raw.fetchval(REPORT, number)
            if report_id is None:
                raise NotTakenOut(f"There is no report №{number}.")
            rows = await raw.fetch(CAPTURES, report_id)
        if not rows:
            raise NotTakenOut(f"№{number} has no captures: nothing was looked at (PROBE), or their term is over.")
        own_folder(folder)
        taken, sums = TakenOut(), []
        for row in rows:
            opened = await self._open(row["id"])
            if opened is None:
                taken.damaged += 1
                continue
            page, warc = opened
            name = f"{number}-{row['at'].astimezone(UTC):%Y%m%d-%H%M}-{row['id'].hex[:8]}"
            write_into(folder / f"{name}{WARC}", warc)
            write_into(folder / f"{name}.txt", written(page).encode())
            sums.append(f"{page.sha256}  {name}{WARC}\n")
            taken.written += 1
            if program is not None:
                sums += await _drawn(warc, program, folder / f"{name}.png", taken)
        write_into(folder / SUMS, "".join(sums).encode())
        return taken

    async def _open(self, capture_id: UUID) -> tuple[CapturedPage, bytes] | None:
        async with self._database.transaction() as connection:
            row: Any = await (await driver(connection)).fetchrow(CAPTURE, capture_id)
        try:
            page = self._ring.open("captures", capture_id.bytes, row["page"] if row else b"")
            return CapturedPage.model_validate_json(page), self._ring.open(
                "captures.warc", capture_id.bytes, row["warc"]
            )
        except CannotOpen:
            return None


async def _drawn(warc: bytes, program: Path, path: Path, taken: TakenOut) -> list[str]:
    try:
        data = await draw(warc, program)
    except NotDrawn:
        taken.not_drawn += 1
        return []
    write_into(path, data)
    taken.drawn += 1
    return [f"{hashlib.sha256(data).hexdigest()}  {path.name}\n"]
