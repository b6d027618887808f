"""`shekteu evidence originals`: the photos of a report as they were sent, written out for who examines them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from bot.database import Database, driver
from bot.new_file import NotTakenOut, own_folder, write_into
from bot.privacy.keyring import KeyRing
from bot.privacy.photo_wire import picture_format
from bot.privacy.sealing import CannotOpen

SUMS: Final = "SHA256SUMS"
DIGEST: Final = 32
ENDINGS: Final = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "HEIF": "heic", "GIF": "gif", "BMP": "bmp"}
REPORT: Final = "SELECT id FROM reports WHERE number = $1"
PHOTOS: Final = """
SELECT part.id, original.part_id IS NOT NULL AS kept FROM parts AS part
LEFT JOIN additions AS addition ON addition.id = part.report_id
LEFT JOIN originals AS original ON original.part_id = part.id
WHERE part.sort = 'photo' AND (part.report_id = $1 OR addition.report_id = $1)
ORDER BY addition.ordinal NULLS FIRST, part.position
"""
ORIGINAL: Final = "SELECT sealed FROM originals WHERE part_id = $1"


@dataclass(slots=True)
class TakenOut:
    """What came of it; photos are counted from 1, those of the report before those that were added later."""

    files: list[str] = field(default_factory=list)
    not_kept: list[int] = field(default_factory=list)
    damaged: list[int] = field(default_factory=list)
    """Those that do not open, or whose digest is another than when they came."""

    @property
    def whole(self) -> bool:
        """Tell whether every original that is kept was written."""
        return not self.damaged

    def lines(self, folder: Path) -> list[str]:
        """Tell what came of it."""
        count = f"{len(self.files)} {'file' if len(self.files) == 1 else 'files'}"
        return [
            f"{count} and {SUMS} in {folder}; `sha256sum -c {SUMS}` checks them there.",
            *(f"Photo {n}: no original; it was refused, or EVIDENCE_ORIGINALS was off." for n in self.not_kept),
            *(f"Photo {n}: not written; it does not open, or is not what came." for n in self.damaged),
            "They may tell where they were taken and by which phone, and so who sent them: guard the folder.",
        ]


class Originals:
    """Opens what EVIDENCE_ORIGINALS=on keeps."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database, self._ring = database, ring

    async def take_out(self, number: int, folder: Path) -> TakenOut:
        """Write a report's originals and their SHA256SUMS into a folder, new or empty; raise NotTakenOut."""
        photos = await self._photos(number)
        own_folder(folder)
        taken, sums = TakenOut(), []
        for position, photo in enumerate(photos, 1):
            if not photo["kept"]:
                taken.not_kept.append(position)
                continue
            opened = await self._open(photo["id"])
            if opened is None:
                taken.damaged.append(position)
                continue
            digest, data = opened
            name = f"{number}-{position:02}.{ENDINGS.get(picture_format(data) or '', 'bin')}"
            write_into(folder / name, data)
            taken.files.append(name)
            sums.append(f"{digest.hex()}  {name}\n")
        write_into(folder / SUMS, "".join(sums).encode())
        return taken

    async def _photos(self, number: int) -> list[Any]:
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            report_id = await raw.fetchval(REPORT, number)
            if report_id is None:
                raise NotTakenOut(f"There is no report №{number}.")
            photos = list(await raw.fetch(PHOTOS, report_id))
        if not photos:
            raise NotTakenOut(f"№{number} has no photos, or they were erased as RETENTION_DAYS says.")
        if not any(photo["kept"] for photo in photos):
            raise NotTakenOut(f"No original of №{number} was kept: EVIDENCE_ORIGINALS was off when its photos came.")
        return photos

    async def _open(self, part_id: UUID) -> tuple[bytes, bytes] | None:
        async with self._database.transaction() as connection:
            sealed = await (await driver(connection)).fetchval(ORIGINAL, part_id)
        try:
            whole = self._ring.open("originals", part_id.bytes, sealed or b"")
        except CannotOpen:
            return None
        digest, data = whole[:DIGEST], whole[DIGEST:]
        return (digest, data) if hashlib.sha256(data).digest() == digest else None
