"""Blocks: whoever abuses the bot may send nothing for a term, and nobody learns who it is.

A block is a keyed hash of the chat under the key of the month in which it was made, and the day on which it ends.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from bot.at_once import AtOnce, Rider
from bot.privacy import addresses
from bot.privacy.keyring import KeyRing
from bot.privacy.sealing import keyed_hash

BLOCK_DAYS: Final = 30
"""How long a block holds."""
BLOCK: Final = """
INSERT INTO blocks (hash, key_id, until) VALUES ($1, $2, $3)
ON CONFLICT (hash) DO UPDATE SET until = greatest(blocks.until, excluded.until)
"""
KEYS: Final = "SELECT DISTINCT key_id FROM blocks WHERE until > $1"
BLOCKED: Final = """
SELECT EXISTS (SELECT 1 FROM blocks WHERE hash = ANY($1::bytea[]) AND until > $2) AS blocked,
  EXISTS (SELECT 1 FROM blocks WHERE NOT key_id = ANY($3::uuid[]) AND until > $2) AS others
"""
_KEPT: Final = """
found AS (
  SELECT EXISTS (SELECT 1 FROM blocks WHERE hash = ANY($1::bytea[]) AND until > $2) AS blocked,
    EXISTS (SELECT 1 FROM blocks WHERE NOT key_id = ANY($3::uuid[]) AND until > $2) AS others
), kept AS (
  INSERT INTO return_addresses (report_id, key_id, sealed) SELECT $4, $5, $6 FROM found WHERE NOT blocked AND NOT others
  ON CONFLICT (report_id) DO UPDATE SET key_id = excluded.key_id, sealed = excluded.sealed
)
"""
KEEP_ADDRESS: Final = f"WITH {_KEPT} SELECT blocked, others FROM found"  # noqa: S608 — constants
KEEP_ADDRESS_TOO: Final = Rider(_KEPT, "EXISTS (SELECT FROM found WHERE blocked OR others)")
LIFT: Final = "DELETE FROM blocks WHERE hash = ANY($1::bytea[])"
LIFT_ALL: Final = "DELETE FROM blocks"


async def block(driver: Any, ring: KeyRing, report_id: UUID, now: datetime, days: int = BLOCK_DAYS) -> bool:
    """Block whoever sent a report; False when it has no return address any more. It is opened for this alone."""
    address = await addresses.open_address(driver, ring, report_id)
    if address is None:
        return False
    key_id, key = ring.month(now)
    await driver.execute(BLOCK, _hash(key, address[0]), key_id, now.date() + timedelta(days=days))
    return True


async def is_blocked(driver: Any, ring: KeyRing, chat_id: int, now: datetime) -> bool:
    """Tell whether a chat is blocked."""
    return await told(driver, ring, chat_id, now, await driver.fetchrow(BLOCKED, *looked_for(ring, chat_id, now)))


async def keep_address(driver: Any, ring: KeyRing, report_id: UUID, chat_id: int, language: str, now: datetime) -> bool:
    """Keep a report's return address unless its chat is blocked; False when it is. One round trip, nearly always."""
    row = addresses.sealed_row(ring, report_id, chat_id, language, now)
    if isinstance(driver, AtOnce):
        # Hardly anybody is blocked, and with whoever is the turn's statement is refused.
        driver.also(KEEP_ADDRESS_TOO, *looked_for(ring, chat_id, now), *row)
        return True
    found = await driver.fetchrow(KEEP_ADDRESS, *looked_for(ring, chat_id, now), *row)
    if await told(driver, ring, chat_id, now, found):
        return False
    if found["others"]:
        await driver.execute(addresses.KEEP, *row)
    return True


def looked_for(ring: KeyRing, chat_id: int, now: datetime) -> tuple[list[bytes], date, list[UUID]]:
    """Give the parameters of BLOCKED, for statements that ask it among other things."""
    keys = ring.held("block")
    return [_hash(key, chat_id) for key in keys.values()], now.date(), list(keys)


async def told(driver: Any, ring: KeyRing, chat_id: int, now: datetime, found: Any) -> bool:
    """Tell from what BLOCKED gave whether a chat is blocked."""
    if found["others"] and not found["blocked"]:
        # Under the key of a month in which this process took no turn: nearly never.
        hashes = await _hashes(driver, ring, chat_id, now.date())
        found = await driver.fetchrow(BLOCKED, hashes, now.date(), list(ring.held("block")))
    return bool(found["blocked"])


async def lift(driver: Any, ring: KeyRing, report_id: UUID, now: datetime) -> bool:
    """Lift the blocks of whoever sent a report; False when it has no return address any more."""
    address = await addresses.open_address(driver, ring, report_id)
    if address is None:
        return False
    await driver.execute(LIFT, await _hashes(driver, ring, address[0], now.date()))
    return True


async def _hashes(driver: Any, ring: KeyRing, chat_id: int, today: date) -> list[bytes]:
    """Give a chat's hash under each key that blocks of today are made with; nearly always there is none."""
    keys = [await ring.find_period(driver, row["key_id"]) for row in await driver.fetch(KEYS, today)]
    return [_hash(key, chat_id) for key in keys if key is not None]


def _hash(key: bytes, chat_id: int) -> bytes:
    return keyed_hash(key, "block", chat_id.to_bytes(8, "big", signed=True))
