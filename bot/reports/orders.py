"""What administrators of the desk have ordered, in rows that every process looks at every few seconds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from bot.database import Database
from bot.log import error_fields, get_logger
from bot.looking import keep_looking

LOOK_EVERY: Final = 3.0
"""Seconds between looks: one query for two rows."""
FIND: Final = "SELECT name, value FROM facts WHERE name = ANY($1::text[])"
log = get_logger()

Take = Callable[[str | None], Awaitable[None]]


class Orders:
    """Looks at the rows and hands each one's value to whoever goes by it."""

    def __init__(self, database: Database, listeners: Mapping[str, Take]) -> None:
        """`listeners` by the rows' names; each is handed the value, or None where there is no row."""
        self._database, self._listeners = database, dict(listeners)

    async def load(self) -> None:
        """Look once."""
        async with self._database.lend() as raw:
            rows = await raw.fetch(FIND, list(self._listeners))
        found = {row["name"]: row["value"] for row in rows}
        for name, take in self._listeners.items():
            await take(found.get(name))

    async def watch(self) -> None:
        """Look every few seconds, for ever: another process may have taken an order."""
        await keep_looking(self.load, LOOK_EVERY, _waits)


def _waits(error: Exception) -> None:
    log.warning("orders_wait", **error_fields(error))
