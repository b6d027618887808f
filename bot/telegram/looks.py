"""What is known of updates before their handlers run, asked of the database for several at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.database import Database, is_outage
from bot.telegram import statements
from bot.together import Together


class Looks:
    """Looks updates up: those that come together, or while others are looked up, share one round trip."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._together = Together(self._look)

    async def look(self, update_id: int, chat_hash: bytes) -> Mapping[str, Any]:
        """Give what is known of an update: `handled`, `reply`, and the `dialogue` of its chat."""
        asked = update_id, chat_hash
        try:
            return await self._together.ask(asked)
        except Exception as error:
            if is_outage(error):
                raise
        # Perhaps the fault of one that it came with.
        return (await self._look([asked]))[0]

    async def _look(self, asked: Sequence[tuple[int, bytes]]) -> Sequence[Mapping[str, Any]]:
        updates, chats = zip(*asked, strict=True)
        async with self._database.lend() as driver:
            rows: Sequence[Mapping[str, Any]] = await driver.fetch(statements.LOOK, updates, chats)
        return rows
