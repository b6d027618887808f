"""What one chat did within an hour, counted without keeping who it is.

Each thing counted is one row: a keyed hash of purpose, chat, hour and the number that it was, under the key of the day.
Rows are only added, one for one, and look alike: a number that rises, or a row that is missing because its chat has one
already, would tell in a dump which of two reports that follow each other are of one person.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from bot.at_once import AtOnce, Rider
from bot.privacy import blocks
from bot.privacy.keyring import KeyRing, keyed

_SIZE: Final = 32
_FIRST: Final = 8
"""Rows looked for at first: most people do little. Then eight times as many."""
COUNTED: Final = "SELECT count(*) FROM counters WHERE hash = ANY($1::bytea[])"
COUNTED_AND_BLOCKED: Final = """
SELECT EXISTS (SELECT 1 FROM blocks WHERE hash = ANY($1::bytea[]) AND until > $2) AS blocked,
  EXISTS (SELECT 1 FROM blocks WHERE NOT key_id = ANY($3::uuid[]) AND until > $2) AS others,
  (SELECT count(*) FROM counters WHERE hash = ANY($4::bytea[])) AS counted
"""
# The same in a turn that is one statement, for nearly everybody: whoever is blocked, or has done so much ($5), is
# refused. Gives the hash of the row that counts one more.
NEXT_ROW_TOO: Final = Rider(
    f"""
    next_row AS (
      SELECT ($4::bytea[])[counted + 1] AS hash, blocked OR others OR counted >= $5::bigint AS refused
      FROM ({COUNTED_AND_BLOCKED}) AS found
    )
    """,  # noqa: S608 — constants
    "EXISTS (SELECT FROM next_row WHERE refused)",
)
COUNT: Final = "INSERT INTO counters (hash, key_id, count) VALUES ($1, $2, 1) ON CONFLICT DO NOTHING"


async def counted(driver: Any, ring: KeyRing, purpose: str, chat_id: int, now: datetime) -> int:
    """Tell how often a chat has done something within this hour, by the clock."""
    rows = _FIRST
    while True:
        found: int = await driver.fetchval(COUNTED, _hashes(ring, purpose, chat_id, now, rows))
        if found < rows:
            return found
        rows *= 8


async def counted_and_blocked(
    driver: Any, ring: KeyRing, purpose: str, chat_id: int, now: datetime
) -> tuple[int, bool]:
    """Like `counted`, and tell whether the chat is blocked: nearly always in one round trip."""
    found = await driver.fetchrow(
        COUNTED_AND_BLOCKED,
        *blocks.looked_for(ring, chat_id, now),
        _hashes(ring, purpose, chat_id, now, _FIRST),
    )
    blocked = await blocks.told(driver, ring, chat_id, now, found)
    full = found["counted"] == _FIRST
    return await counted(driver, ring, purpose, chat_id, now) if full else found["counted"], blocked


async def count(driver: Any, ring: KeyRing, purpose: str, chat_id: int, now: datetime, seen: int | None = None) -> int:
    """Count one more and give how many it makes within this hour; `seen` is what `counted` has just given.

    Turns of one chat come one after another, so nobody counts the same number at the same time.
    """
    if seen is None:
        seen = await counted(driver, ring, purpose, chat_id, now)
    await driver.execute(COUNT, *next_row(ring, purpose, chat_id, now, seen))
    return seen + 1


def next_row(ring: KeyRing, purpose: str, chat_id: int, now: datetime, seen: int) -> tuple[bytes, UUID]:
    """Give the row that counts one more than `seen`, for statements that write it among other things."""
    return _hashes(ring, purpose, chat_id, now, seen + 1)[seen], ring.day(now)[0]


def next_row_too(writes: AtOnce, ring: KeyRing, purpose: str, chat_id: int, now: datetime, most: int) -> UUID:
    """Have the turn's statement find the row itself, `next_row`, and be refused above `most`; give its key's id."""
    hashes = _hashes(ring, purpose, chat_id, now, _FIRST)
    writes.also(NEXT_ROW_TOO, *blocks.looked_for(ring, chat_id, now), hashes, min(most, _FIRST))
    return ring.day(now)[0]


def _hashes(ring: KeyRing, purpose: str, chat_id: int, now: datetime, rows: int) -> list[bytes]:
    """Give the hashes of a chat's first so many rows of this hour."""
    chat = chat_id.to_bytes(8, "big", signed=True)
    _, seed = keyed(ring, "hour", now, purpose.encode(), chat, bytes([now.hour]))
    stream = hashlib.shake_256(seed).digest(rows * _SIZE)
    return [stream[start : start + _SIZE] for start in range(0, len(stream), _SIZE)]
