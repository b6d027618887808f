"""Drafts left lying: one reminder, and after a day they are purged with their address and files."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from bot.citizen.addition_kinds import ANSWERS
from bot.citizen.dialogue import Dialogue, read
from bot.citizen.steps import holds_anything
from bot.clock import Clock
from bot.database import Database, driver
from bot.delivery.outbox import Outbox, Recipient
from bot.privacy.keyring import KeyRing
from bot.reports.contents import Contents
from bot.reports.service import Reports

REMIND_AFTER: Final = timedelta(hours=2)
FORGET_AFTER: Final = timedelta(hours=24)
LEFT: Final = """
SELECT chat_hash, sealed, touched_at FROM dialogues WHERE touched_at < $1 ORDER BY touched_at FOR UPDATE SKIP LOCKED
"""
GONE: Final = "DELETE FROM dialogues WHERE chat_hash = $1"
REMINDED: Final = """
SELECT EXISTS (
  SELECT 1 FROM messages WHERE recipient = 'citizen' AND lane = $1 AND template = 'reminder'
    AND ($2::timestamptz IS NULL OR outcome IS NULL OR done_at >= $2))
"""


class Upkeep:
    """Looks after dialogues that nobody goes on with."""

    def __init__(self, database: Database, ring: KeyRing, outbox: Outbox, reports: Reports, clock: Clock) -> None:
        self._database, self._ring, self._outbox = database, ring, outbox
        self._reports, self._clock = reports, clock

    async def drafts(self) -> None:
        """Remind of drafts after two hours, once, and purge dialogues after a day."""
        now = self._clock()
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            for row in await raw.fetch(LEFT, now - REMIND_AFTER):
                stored = orjson.loads(self._ring.open("dialogues", row["chat_hash"], row["sealed"]))
                dialogue = read(stored["data"])
                draft = dialogue.draft
                if row["touched_at"] < now - FORGET_AFTER:
                    if draft:
                        await self._reports.drop_draft(raw, draft.report_id)
                    await raw.execute(GONE, row["chat_hash"])
                elif draft:
                    await self._remind(raw, dialogue, draft, row["touched_at"])

    async def _remind(self, raw: Any, dialogue: Dialogue, draft: Contents, touched_at: datetime) -> None:
        lane, since = draft.report_id, None
        if draft.kind in ANSWERS and dialogue.target and holds_anything(draft):
            # An answer has no address of its own. Its report may have been reminded of before; once since it was left.
            lane, since = dialogue.target, touched_at
        if not await raw.fetchval(REMINDED, lane, since):
            await self._outbox.message(raw, Recipient.CITIZEN, lane, "reminder", {}, self._clock())
