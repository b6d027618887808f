"""A scan of a placement's code, and the reports that follow it: counted, and tied to nobody.

Each scan and each report makes one stroke, sealed under the key of the day: what it counts for, or that it counts for
nothing. So every report leaves the same row, whether or not its citizen came by a code. `tallying.py` adds strokes up.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import Any, Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from bot.clock import to_minute
from bot.languages import Language
from bot.privacy.keyring import KeyRing, keyed
from bot.privacy.sealing import open_sealed, seal

LASTS: Final = timedelta(hours=24)
"""After a scan reports of the same dialogue count for its placement so long, and no longer."""
PAYLOAD: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What Telegram lets stand behind `start=`."""
_CODE: Final = 64
# In one statement, whoever scans: the code is looked up, the chat is counted once a day, and a stroke is made. A chat
# that is counted already leaves the same two rows as any other, for a row that is missing would tell in a dump.
SCAN: Final = """
WITH found AS (
  SELECT placement.closed_on IS NULL AS open, area.code AS district, area.name_kk, area.name_ru, area.name_en
  FROM placements AS placement LEFT JOIN areas AS area ON area.code = placement.district WHERE placement.code = $1
), counted AS (
  INSERT INTO counters (hash, key_id, count) SELECT $2, $4, 1 FROM found ON CONFLICT DO NOTHING RETURNING hash
), made_up AS (
  INSERT INTO counters (hash, key_id, count) SELECT $3, $4, 1 FROM found WHERE NOT EXISTS (SELECT FROM counted)
), stroked AS (
  INSERT INTO strokes (id, key_id, sealed)
  SELECT $5, $4, CASE WHEN EXISTS (SELECT FROM counted) THEN $6::bytea ELSE $7 END FROM found
)
SELECT open, district, name_kk, name_ru, name_en FROM found
"""


class Counts(IntEnum):
    """What a stroke counts."""

    NOTHING = 0
    SCAN = 1
    REPORT = 2


@dataclass(frozen=True, slots=True)
class Stroke:
    """A stroke of the tally."""

    counts: Counts
    day: date
    """The office's."""
    code: str


class Came(BaseModel):
    """By which code somebody came: kept sealed in their dialogue, and nowhere else."""

    code: str
    at: datetime
    district: str = ""
    """The KATO code of the placement's district; empty where it has none, or hangs there no more."""
    names: dict[Language, str] = Field(default_factory=dict)
    """Of the district."""

    def over(self, now: datetime) -> bool:
        """Tell whether this was too long ago to count."""
        return now - self.at >= LASTS


class Scans:
    """Takes scans, and makes strokes, in the time zone of the office."""

    def __init__(self, ring: KeyRing, timezone: str) -> None:
        self._ring, self._zone = ring, ZoneInfo(timezone)

    async def scan(self, driver: Any, payload: str, chat_id: int, now: datetime) -> Came | None:
        """Take what the bot was started with; None, and nothing is written, where it is no placement's code."""
        if not PAYLOAD.fullmatch(payload):
            return None
        chat, stroke_id = chat_id.to_bytes(8, "big", signed=True), uuid4()
        key_id, person = keyed(self._ring, "scan", now, chat, payload.encode())
        sealed = [self._sealed(stroke_id, counts, payload, now) for counts in (Counts.SCAN, Counts.NOTHING)]
        row = await driver.fetchrow(SCAN, payload, person, secrets.token_bytes(32), key_id, stroke_id, *sealed)
        if row is None:
            return None
        came = Came(code=payload, at=to_minute(now))
        if row["open"] and row["district"]:
            came.district, came.names = row["district"], {each: row[f"name_{each}"] for each in Language}
        return came

    def stroke(self, came: Came | None, now: datetime) -> tuple[UUID, UUID, bytes]:
        """Give the row of a report's stroke: that it came by a code, or by none."""
        stroke_id, counts = uuid4(), Counts.REPORT if came else Counts.NOTHING
        return stroke_id, self._ring.day(now)[0], self._sealed(stroke_id, counts, came.code if came else "", now)

    def _sealed(self, stroke_id: UUID, counts: Counts, code: str, now: datetime) -> bytes:
        day = now.astimezone(self._zone).date().toordinal().to_bytes(4, "big")
        plain = bytes([counts]) + day + code.encode().ljust(_CODE, b"\0")
        return seal(self._ring.day(now)[1], 0, stroke_id.bytes, plain, padded=False)


def open_stroke(key: bytes, stroke_id: UUID, sealed: bytes) -> Stroke:
    """Open a stroke; raise CannotOpen."""
    plain = open_sealed({0: key}, stroke_id.bytes, sealed, padded=False)
    day = date.fromordinal(int.from_bytes(plain[1:5], "big"))
    return Stroke(Counts(plain[0]), day, plain[5:].rstrip(b"\0").decode())
