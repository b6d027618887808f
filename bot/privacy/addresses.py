"""Return addresses: the sealed chat of a report's citizen, opened only by the courier and the report service."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from bot.languages import Language
from bot.privacy.keyring import KeyRing
from bot.privacy.sealing import CannotOpen, open_sealed, seal

KEEP: Final = """
INSERT INTO return_addresses (report_id, key_id, sealed) VALUES ($1, $2, $3)
ON CONFLICT (report_id) DO UPDATE SET key_id = excluded.key_id, sealed = excluded.sealed
"""
FIND: Final = "SELECT key_id, sealed FROM return_addresses WHERE report_id = $1"
ALL: Final = "SELECT report_id, key_id, sealed FROM return_addresses"
KEYS: Final = "SELECT DISTINCT key_id FROM return_addresses"
ERASE: Final = "DELETE FROM return_addresses WHERE report_id = ANY($1::uuid[])"


async def keep(driver: Any, ring: KeyRing, report_id: UUID, chat_id: int, language: str, now: datetime) -> None:
    """Seal a report's return address under the key of the week; a later one takes its place."""
    await driver.execute(KEEP, *sealed_row(ring, report_id, chat_id, language, now))


def sealed_row(ring: KeyRing, report_id: UUID, chat_id: int, language: str, now: datetime) -> tuple[UUID, UUID, bytes]:
    """Give the row of a report's return address: the report, the key of the week, and the address sealed under it."""
    key_id, key = ring.week(now)
    plain = chat_id.to_bytes(8, "big", signed=True) + language.encode().ljust(2, b" ")
    return report_id, key_id, seal(key, 0, report_id.bytes, plain, padded=False)


async def open_address(driver: Any, ring: KeyRing, report_id: UUID) -> tuple[int, Language] | None:
    """Give a report's (chat, language); None when it was erased, or its week's key is no more."""
    row = await driver.fetchrow(FIND, report_id)
    return _open(await ring.find_period(driver, row["key_id"]), report_id, row["sealed"]) if row else None


def opened(ring: KeyRing, report_id: UUID, key_id: UUID | None, sealed: bytes | None) -> tuple[int, Language] | None:
    """Open an address that was read already; None when that needs a look: there is none, or its key is not known."""
    return _open(ring.period(key_id), report_id, sealed) if key_id and sealed else None


async def reports_of(driver: Any, ring: KeyRing, chat_id: int) -> list[UUID]:
    """Find the reports of one chat by opening every address: no hash of a chat ever stands beside a report."""
    for row in await driver.fetch(KEYS):
        # Another process may have made the key of a week in which this one took no turn.
        await ring.find_period(driver, row["key_id"])
    found = []
    async for row in driver.cursor(ALL):
        opened = _open(ring.period(row["key_id"]), row["report_id"], row["sealed"])
        if opened and opened[0] == chat_id:
            found.append(row["report_id"])
    return found


async def erase(driver: Any, report_ids: list[UUID]) -> int:
    """Erase return addresses; give how many there were."""
    return int((await driver.execute(ERASE, report_ids)).rsplit(" ", 1)[-1])


def _open(key: bytes | None, report_id: UUID, sealed: bytes) -> tuple[int, Language] | None:
    if key is None:
        return None
    try:
        plain = open_sealed({0: key}, report_id.bytes, sealed, padded=False)
    except CannotOpen:
        return None
    return int.from_bytes(plain[:8], "big", signed=True), Language(plain[8:].decode().strip())
