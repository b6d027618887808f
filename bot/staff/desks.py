"""Which chat is the desk: the setting, or the id that the group got when it became a supergroup."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Any, Final

from bot.database import Database, driver, is_outage
from bot.languages import Language
from bot.log import error_fields, get_logger
from bot.reports import queries

LOOK_EVERY: Final = 10.0
"""Seconds between looks at whether another process learned that the desk has moved."""
LOOK_AGAIN: Final = 1.0
"""Seconds between looks that strange groups cause."""
FIND: Final = "SELECT value FROM facts WHERE name = 'desk'"
# Whoever learns of it second changes nothing, and waits until the first has committed.
MOVED: Final = """
INSERT INTO facts (name, value) VALUES ('desk', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value
WHERE facts.value <> excluded.value RETURNING 1
"""
log = get_logger()


class Desks:
    """The desk's chat and language."""

    def __init__(self, database: Database, chat_id: int, language: Language) -> None:
        self._database, self._set_to, self._language = database, chat_id, language
        self._chat_id = chat_id
        self._moving_to: int | None = None
        """The new id until that is written down. Were it not, the old chat's update, which tells of it, comes again."""
        self._looked = 0.0

    async def load(self) -> None:
        """Read the desk's new id, if it migrated since the setting was made."""
        async with self._database.transaction() as connection:
            moved = await (await driver(connection)).fetchval(FIND)
        if moved:
            old, new = map(int, moved.split(">"))
            self._chat_id = new if self._set_to == old else self._chat_id

    async def watch(self) -> None:
        """Look now and then, for ever: another process may have learned that the desk has moved."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self.load()
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("desk_waits", **error_fields(error))

    async def look_for(self, chat_id: int) -> bool:
        """Tell whether a group that was no desk is one now: its updates may come before the next look."""
        if monotonic() - self._looked > LOOK_AGAIN:
            self._looked = monotonic()
            await self.load()
        return chat_id in self.ids()

    def ids(self) -> frozenset[int]:
        """Give the chats that are desks."""
        return frozenset({self._chat_id, self._moving_to or self._chat_id})

    def main(self) -> tuple[int, str] | None:
        """Give the main desk's chat and language."""
        return self._moving_to or self._chat_id, self._language.value

    async def migrated(self, new: int) -> None:
        """Follow the desk to its new id, in a transaction of its own."""
        async with self._database.transaction() as connection:
            moved = await self.migrated_in(await driver(connection), new)
        moved()

    async def migrated_in(self, raw: Any, new: int) -> Callable[[], None]:
        """Follow the desk to its new id, in an open transaction; give what is to be called after its commit."""
        # Before the cards are looked through: one whose posting is marked just after that must find the desk moved.
        self._moving_to = new
        if await raw.fetchval(MOVED, f"{self._set_to}>{new}"):
            # The ids of the old chat are dead: open cards are posted anew in the new one.
            await raw.execute(queries.DESK_MOVED)
        return partial(self._moved, new)

    def _moved(self, new: int) -> None:
        self._chat_id, self._moving_to = new, None
