"""What belongs to no report and to no dialogue any more: files, addresses and counters of drafts that are gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson

from bot.privacy.keyring import KeyRing
from bot.purge_rules import affected

AFTER: Final = timedelta(days=2)
"""Drafts are forgotten a day after they were touched last; until then there is no need to look who is alive."""
DIALOGUES: Final = "SELECT chat_hash, sealed FROM dialogues"
PARTS: Final = """
SELECT DISTINCT report_id AS draft FROM parts WHERE made_on < $1
  AND NOT EXISTS (SELECT 1 FROM reports WHERE reports.id = parts.report_id)
  AND NOT EXISTS (SELECT 1 FROM additions WHERE additions.id = parts.report_id)
  AND NOT EXISTS (SELECT 1 FROM forms WHERE forms.id = parts.report_id)
  AND NOT EXISTS (SELECT 1 FROM decisions WHERE decisions.id = parts.report_id)
"""
ADDRESSES: Final = """
SELECT address.report_id AS draft FROM return_addresses AS address JOIN period_keys ON period_keys.id = address.key_id
WHERE period_keys.begins < $1 AND NOT EXISTS (SELECT 1 FROM reports WHERE reports.id = address.report_id)
"""
COUNTERS: Final = """
SELECT subject AS draft FROM cards WHERE recipient = 'citizen' AND due_at < $1
  AND NOT EXISTS (SELECT 1 FROM reports WHERE reports.id = cards.subject)
"""
# Looked at again: one of these may have been sent meanwhile.
DROP_PARTS: Final = """
DELETE FROM parts WHERE report_id = ANY($1::uuid[])
  AND NOT EXISTS (SELECT 1 FROM reports WHERE reports.id = parts.report_id)
  AND NOT EXISTS (SELECT 1 FROM additions WHERE additions.id = parts.report_id)
  AND NOT EXISTS (SELECT 1 FROM forms WHERE forms.id = parts.report_id)
  AND NOT EXISTS (SELECT 1 FROM decisions WHERE decisions.id = parts.report_id)
"""
DROP_ADDRESSES: Final = """
DELETE FROM return_addresses WHERE report_id = ANY($1::uuid[])
  AND NOT EXISTS (SELECT 1 FROM reports WHERE reports.id = return_addresses.report_id)
"""
DROP_COUNTERS: Final = """
DELETE FROM cards WHERE recipient = 'citizen' AND subject = ANY($1::uuid[])
  AND NOT EXISTS (SELECT 1 FROM reports WHERE reports.id = cards.subject)
"""


class LostDrafts:
    """Drops what drafts left behind, on the driver's connection of an open transaction."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    async def drop(self, raw: Any, now: datetime) -> dict[str, int]:
        """Drop what is older than two days and belongs to nothing that lives."""
        day = (now - AFTER).date()
        found = {
            "files of drafts that are gone": (DROP_PARTS, await raw.fetch(PARTS, day)),
            # Of an address only its week is known.
            "return addresses of drafts that are gone": (
                DROP_ADDRESSES,
                await raw.fetch(ADDRESSES, day - timedelta(weeks=1)),
            ),
            "counters of drafts that are gone": (DROP_COUNTERS, await raw.fetch(COUNTERS, now - AFTER)),
        }
        living = await self._living(raw) if any(rows for _, rows in found.values()) else set()
        return {
            what: affected(await raw.execute(statement, [row["draft"] for row in rows if row["draft"] not in living]))
            for what, (statement, rows) in found.items()
        }

    async def _living(self, raw: Any) -> set[UUID]:
        """Give every id that a dialogue holds."""
        found: set[UUID] = set()
        async for row in raw.cursor(DIALOGUES):
            found.update(_ids(orjson.loads(self._ring.open("dialogues", row["chat_hash"], row["sealed"]))))
        return found


def _ids(value: Any) -> Iterator[UUID]:
    """Find the ids in JSON, wherever they stand: what a dialogue keeps is the dialogue's business."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _ids(one)
    elif isinstance(value, str) and len(value) == 36:
        try:
            yield UUID(value)
        except ValueError:
            return
