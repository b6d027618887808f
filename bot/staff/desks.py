"""Which chat is the desk: the setting, or the id that the group got when it became a supergroup."""

from __future__ import annotations

from typing import Any, Final

from bot.database import Database, driver
from bot.languages import Language
from bot.reports import queries

FIND: Final = "SELECT value FROM facts WHERE name = 'desk'"
MOVED: Final = """
INSERT INTO facts (name, value) VALUES ('desk', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""


class Desks:
    """The desk's chat and language."""

    def __init__(self, database: Database, chat_id: int, language: Language) -> None:
        self._database, self._chat_id, self._language = database, chat_id, language

    async def load(self) -> None:
        """Read the desk's new id, if it migrated since the setting was made."""
        async with self._database.transaction() as connection:
            moved = await (await driver(connection)).fetchval(FIND)
        if moved:
            old, new = map(int, moved.split(">"))
            self._chat_id = new if self._chat_id == old else self._chat_id

    def ids(self) -> frozenset[int]:
        """Give the chats that are desks."""
        return frozenset({self._chat_id})

    def main(self) -> tuple[int, str] | None:
        """Give the main desk's chat and language."""
        return self._chat_id, self._language.value

    async def migrated(self, new: int) -> None:
        """Follow the desk to its new id, in a transaction of its own."""
        async with self._database.transaction() as connection:
            await self.migrated_in(await driver(connection), new)

    async def migrated_in(self, raw: Any, new: int) -> None:
        """Follow the desk to its new id, in an open transaction."""
        if new != self._chat_id:
            await raw.execute(MOVED, f"{self._chat_id}>{new}")
            # The ids of the old chat are dead: open cards are posted anew in the new one.
            await raw.execute(queries.DESK_MOVED)
            self._chat_id = new
