"""Captures out of the database: written to a folder, and checked whether they are what this office kept."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC
from pathlib import Path
from typing import Any, Final

from bot.database import Database, driver
from bot.evidence import queries
from bot.privacy.keyring import KeyRing
from bot.privacy.sealing import CannotOpen

GZIP: Final = b"\x1f\x8b"
MOST: Final = 64 << 20
"""Bytes of a capture; none that the program made is larger."""


class NoCapture(Exception):
    """This file is not a capture; the message says why."""


def is_capture(path: Path) -> bool:
    """Tell whether a file may be a capture and no case file; one that cannot be read is none."""
    try:
        with path.open("rb") as file:
            return file.read(2) == GZIP
    except OSError:
        return False


def fault(data: bytes) -> str | None:
    """Tell what is wrong with a WARC file by its own digests, or None."""
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    try:
        kinds = []
        for record in ArchiveIterator(io.BytesIO(data), check_digests="raise"):
            record.raw_stream.read()
            if not record.rec_headers.get_header("WARC-Block-Digest") or not record.rec_headers.get_header("WARC-Date"):
                return "a record has no digest, or no date"
            # A record that ends before its length says so never comes to be checked.
            if record.digest_checker.passed is not True:
                return "a record is not whole"
            kinds.append(record.rec_type)
    except (ArchiveLoadFailed, EOFError, OSError, ValueError) as error:
        return "a digest does not hold" if "digest" in str(error) else "it is no WARC file, or a damaged one"
    return None if "response" in kinds else "it holds no page"


class Verifying:
    """Checks one capture."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database, self._ring = database, ring

    async def run(self, path: Path) -> tuple[bool, list[str]]:
        """Tell whether it holds and is this office's, and say so line by line; raise NoCapture."""
        data = _read(path)
        digest, wrong = hashlib.sha256(data), fault(data)
        lines = [f"SHA-256 {digest.hexdigest()}"]
        lines.append(f"✗ {path}: {wrong}." if wrong else "✓ Each record is as its digests say.")
        async with self._database.transaction() as connection:
            row = await (await driver(connection)).fetchrow(queries.BY_DIGEST, digest.digest())
        if row is None or self._kept(row) != data:
            return False, [*lines, "✗ This office keeps no such capture; when its link's term is over, it is erased."]
        lines.append(f"✓ This office made it on {row['at'].astimezone(UTC):%Y-%m-%d %H:%M} UTC, and keeps the same.")
        return wrong is None, lines

    def _kept(self, row: Any) -> bytes | None:
        try:
            return self._ring.open("captures.warc", row["id"].bytes, row["warc"])
        except CannotOpen:
            return None


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(MOST + 1)
    if len(data) > MOST:
        raise NoCapture(f"{path} is larger than any capture.")
    return data
