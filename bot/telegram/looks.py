"""What is known of updates before their handlers run, asked of the database for several at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.database import Database, is_outage
from bot.telegram import statements


@dataclass(slots=True)
class _Asked:
    """One update that is to be looked up."""

    update_id: int
    chat_hash: bytes
    found: asyncio.Future[Mapping[str, Any]]


class Looks:
    """Looks updates up: those that come together, or while others are looked up, share one round trip."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asked: list[_Asked] = []
        self._looking: asyncio.Task[None] | None = None

    async def look(self, update_id: int, chat_hash: bytes) -> Mapping[str, Any]:
        """Give what is known of an update: `handled`, `reply`, and the `dialogue` of its chat."""
        asked = _Asked(update_id, chat_hash, asyncio.get_running_loop().create_future())
        self._asked.append(asked)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        return await asked.found

    async def _look(self) -> None:
        try:
            while self._asked:
                together, self._asked = self._asked, []
                await self._answer(together)
        finally:
            self._looking = None

    async def _answer(self, together: Sequence[_Asked]) -> None:
        try:
            async with self._database.lend() as driver:
                updates, chats = [one.update_id for one in together], [one.chat_hash for one in together]
                rows = await driver.fetch(statements.LOOK, updates, chats)
        except Exception as error:
            if len(together) > 1 and not is_outage(error):
                # It may be the fault of one: the others are answered.
                for one in together:
                    await self._answer([one])
            for one in together:
                if not one.found.done():
                    one.found.set_exception(error)
        else:
            for one, row in zip(together, rows, strict=True):
                if not one.found.done():
                    one.found.set_result(row)
        finally:
            # Only a process that ends cuts a look off.
            for one in together:
                one.found.cancel()
