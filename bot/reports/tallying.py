"""Strokes added up: what each placement brought on each day, as plain numbers in one sealed row a day.

Every few minutes, so that soon nothing tells in which order they were made. What is kept is sealed as a whole: beside
the report of a quiet day, a count that anybody can read would tell by which code it came.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

import orjson

from bot.database import Database, driver
from bot.log import get_logger
from bot.privacy.keyring import KeyRing
from bot.privacy.sealing import CannotOpen
from bot.reports.scans import Counts, Stroke, open_stroke

AT_ONCE: Final = 500
"""Strokes added up in one transaction."""
# One who adds up at a time: days are read, and written anew.
ALONE: Final = "SELECT pg_advisory_xact_lock(hashtext('placement_days'))"
TAKE: Final = """
DELETE FROM strokes WHERE id IN (SELECT id FROM strokes LIMIT $1) RETURNING id, key_id, sealed
"""
CODES: Final = "SELECT code, id FROM placements WHERE code = ANY($1::text[])"
DAYS: Final = "SELECT day, sealed FROM placement_days WHERE day = ANY($1::date[])"
KEEP: Final = """
INSERT INTO placement_days (day, sealed) VALUES ($1, $2) ON CONFLICT (day) DO UPDATE SET sealed = excluded.sealed
"""
BETWEEN: Final = "SELECT day, sealed FROM placement_days WHERE day >= $1 AND day <= $2"
log = get_logger()

Brought = dict[str, list[int]]
"""By a placement's id, as 32 hexadecimal digits: scans and reports."""


class Tallying:
    """Adds strokes up, and reads what was added up."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database, self._ring = database, ring

    async def run(self) -> None:
        """Add up all strokes there are."""
        taken = AT_ONCE
        while taken == AT_ONCE:
            async with self._database.transaction() as connection:
                taken = await self.add_up(await driver(connection))

    async def add_up(self, raw: Any) -> int:
        """Add up some strokes in the driver's open transaction; give how many were taken."""
        await raw.execute(ALONE)
        rows = await raw.fetch(TAKE, AT_ONCE)
        strokes = [stroke for stroke in [await self._open(raw, row) for row in rows] if stroke]
        if len(strokes) < len(rows):
            log.warning("strokes_not_opened", count=len(rows) - len(strokes))
        found = Counter(stroke for stroke in strokes if stroke.counts is not Counts.NOTHING)
        if found:
            await self._add(raw, found)
        return len(rows)

    async def between(self, raw: Any, first: date, last: date) -> dict[date, Brought]:
        """Give what placements brought on these days; days and placements with nothing are left out."""
        rows = await raw.fetch(BETWEEN, first, last)
        # In a thread: of a year of many placements they are a million numbers, and others wait for an answer.
        return await asyncio.to_thread(lambda: {row["day"]: self._read(row) for row in rows})

    async def step(self, raw: Any, _: datetime) -> dict[str, int]:
        """Add some up as a step of the purge: the key of a day must not go before its strokes are added up."""
        return {"strokes of the tally, once they are added up": await self.add_up(raw)}

    async def _add(self, raw: Any, found: Mapping[Stroke, int]) -> None:
        ids = {row["code"]: row["id"].hex for row in await raw.fetch(CODES, list({stroke.code for stroke in found}))}
        days: defaultdict[date, Brought] = defaultdict(dict)
        days |= {row["day"]: self._read(row) for row in await raw.fetch(DAYS, list({stroke.day for stroke in found}))}
        for stroke, many in found.items():
            if placement := ids.get(stroke.code):
                days[stroke.day].setdefault(placement, [0, 0])[stroke.counts is Counts.REPORT] += many
        for day, brought in sorted(days.items()):
            await raw.execute(KEEP, day, self._ring.seal("placement_days", bound_to(day), orjson.dumps(brought)))

    async def _open(self, raw: Any, row: Any) -> Stroke | None:
        """Open a stroke; None where the key of its day is no more."""
        key = await self._ring.find_period(raw, row["key_id"])
        try:
            return open_stroke(key, row["id"], row["sealed"]) if key else None
        except CannotOpen:
            return None

    def _read(self, row: Any) -> Brought:
        brought: Brought = orjson.loads(self._ring.open("placement_days", bound_to(row["day"]), row["sealed"]))
        return brought


def bound_to(day: date) -> bytes:
    """Give what the sealed value of a day is bound to."""
    return day.isoformat().encode()
