"""A case file: one ZIP with a cover, what is known of the links, what officers did, and the digest of each file.

SEAL is a hash of SHA256SUMS under the journal's key: whoever changes a file can write new sums, but no new seal.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from bot.clock import to_minute
from bot.languages import Language
from bot.papers.case import Case, Cases, Enclosed
from bot.papers.case_cover import Cover, Listed
from bot.papers.pieces import Piece
from bot.papers.proof import JOURNAL, proof
from bot.papers.workshop import Workshop
from bot.privacy.keyring import KeyRing
from bot.texts import Texts

COVER: Final = "cover.pdf"
CASE: Final = "case.json"
MANIFEST: Final = "manifest.json"
SUMS: Final = "SHA256SUMS"
SEAL: Final = "SEAL"
CAPTURES: Final = "captures/"
SEALED_AS: Final = b"case file"


class PieceUnknown(Exception):
    """A piece was named that the report does not have, or has no more."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which case file is wanted."""

    report_id: UUID
    language: Language
    pieces: Sequence[str]
    """Names of the citizen's pieces that enter; none by default."""
    by: str
    """Who makes it."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case file that was made."""

    number: int
    put_in: list[Piece]
    data: bytes
    made: datetime

    @property
    def name(self) -> str:
        """Give what the file is to be called."""
        return f"case-{self.number}-{self.made:%Y-%m-%d-%H%M}.zip"

    @property
    def sha256(self) -> str:
        """Give the digest of the whole file."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a case file is made of."""

    case: Case
    put_in: list[Piece]
    """The citizen's pieces that enter."""
    files: list[Enclosed]
    """These as files."""


class CaseFiles:
    """Makes case files."""

    def __init__(self, cases: Cases, workshop: Workshop, ring: KeyRing, texts: Texts) -> None:
        self._workshop, self._ring, self._texts = workshop, ring, texts
        self.cases = cases

    async def gather(self, driver: Any, wanted: Wanted) -> Gathered:
        """Read all that a case file holds, in an open transaction; raise NoReport, PieceUnknown."""
        case = await self.cases.read(driver, wanted.report_id, wanted.language)
        unknown = set(wanted.pieces) - {piece.name for piece in case.pieces}
        if unknown:
            raise PieceUnknown(min(unknown))
        put_in = [piece for piece in case.pieces if piece.name in wanted.pieces]
        files = [Enclosed(piece.file, await self.cases.pieces.open(driver, piece)) for piece in put_in]
        return Gathered(case.with_pieces(put_in), put_in, files)

    async def make(self, gathered: Gathered, wanted: Wanted, now: datetime) -> CaseFile:
        """Make the file of what was gathered, in no transaction: it takes seconds. Raises NotMade."""
        case, put_in = gathered.case, gathered.put_in
        made = to_minute(now).astimezone(self.cases.zone)
        captures = [Enclosed(f"{CAPTURES}{one.name}", one.data) for one in case.captures]
        files = [
            Enclosed(CASE, _json(_told(case))),
            Enclosed(JOURNAL, _json(proof(case))),
            *captures,
            *case.after,
            *gathered.files,
        ]
        listed = await asyncio.to_thread(lambda: [_listed(file) for file in files])
        cover = Cover(self._texts, wanted.language).sheet(case, put_in, made, wanted.by, listed)
        whole = [Enclosed(COVER, await self._workshop.make(cover)), *files]
        about = {"report": case.number, "made": made.isoformat(), "by": wanted.by, "language": wanted.language.value}
        data = await asyncio.to_thread(lambda: self._zipped(whole, about, put_in, made))
        return CaseFile(case.number, put_in, data, made)

    def _zipped(self, files: list[Enclosed], about: dict[str, Any], put_in: list[Piece], made: datetime) -> bytes:
        listed = [_listed(file) for file in files]
        manifest = {
            "format": "shekteu case file 1",
            **about,
            "of_the_citizen": [piece.name for piece in put_in],
            "files": [{"name": file.name, "size": file.size, "sha256": file.sha256} for file in listed],
        }
        files = [*files, Enclosed(MANIFEST, _json(manifest))]
        sums = "".join(f"{_listed(file).sha256}  {file.name}\n" for file in files).encode()
        sealed = seal(self._ring, sums)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in (*files, Enclosed(SUMS, sums), Enclosed(SEAL, f"{sealed}\n".encode())):
                entry = zipfile.ZipInfo(file.name, made.timetuple()[:6])
                # Pictures are as small as they get.
                small = file.name.endswith((".jpg", ".png"))
                entry.compress_type = zipfile.ZIP_STORED if small else zipfile.ZIP_DEFLATED
                archive.writestr(entry, file.data)
        return packed.getvalue()


def seal(ring: KeyRing, sums: bytes) -> str:
    """Give the seal of a file of sums, in hexadecimal digits."""
    return ring.hash("journal", SEALED_AS, sums).hex()


def _listed(file: Enclosed) -> Listed:
    return Listed(file.name, len(file.data), hashlib.sha256(file.data).hexdigest())


def _told(case: Case) -> dict[str, Any]:
    """Give for other programs what the cover tells in words."""
    return {
        "report": case.number,
        "kind": case.kind,
        "filed": case.filed.isoformat(),
        "status": case.status,
        "decision": case.decision,
        "also": case.also,
        "decided": case.decided.isoformat() if case.decided else None,
        "links": [
            {
                "place": link.place,
                "url": link.url,
                "platform": link.platform,
                "what": link.what,
                "first_reported": link.first_reported.isoformat(),
                "times_reported": link.times_reported,
                "standing": link.standing,
                "decided": link.decided.isoformat() if link.decided else None,
                "reports": link.numbers,
            }
            for link in case.links
        ],
        "captures": [capture.name for capture in case.captures],
    }


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
