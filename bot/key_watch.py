"""How a running process learns of new sealing generations, and how a rotation learns that it has.

While it runs, a process holds a shared advisory lock on a connection of its own. Its number tells the newest generation
that the process can open and the one that it seals under; the server drops it with the process. So a rotation need not
guess how slow a process may be: it looks at who holds what.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import asyncpg

from bot.database import CUT_OFF, end_if_told
from bot.log import error_fields, get_logger
from bot.privacy.keyring import KeyRing
from bot.privacy.wrapping import KeyTrouble

LOOK_EVERY: Final = 5.0
"""Seconds between looks: one query over half a dozen rows. A rotation is rare and may take that long to be noticed."""
ANSWERS_WITHIN: Final = 5.0
KNOWS: Final = 7_340_024
"""The first number of the lock; the second is `holding()`."""
CONNECTION: Final = {
    "application_name": "shekteu-keys",
    # A process whose computer went away without a word holds a rotation up for 5 + 3 · 3 seconds.
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "3",
    "tcp_keepalives_count": "3",
}
HOLD: Final = "SELECT pg_advisory_lock_shared($1, $2)"
LET_GO: Final = "SELECT pg_advisory_unlock_shared($1, $2)"
HELD: Final = """
SELECT pid, max(objid::bigint) / 256 AS newest, min(objid::bigint % 256) AS current FROM pg_locks
WHERE locktype = 'advisory' AND classid::bigint = $1 AND objsubid = 2 AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
GROUP BY pid
"""
"""What each running process can open, and the oldest generation that it may seal under."""
log = get_logger()


class KeyWatch:
    """Keeps a process's keyring up to date for as long as it runs."""

    def __init__(self, url: str, ring: KeyRing) -> None:
        self._url, self._ring = url, ring
        self._connection: Any = None
        self._holds = 0
        self._told = False

    async def start(self) -> None:
        """Connect, and hold the lock from here on: before anything is sealed. Begun again, it lets go of before."""
        self.close()
        self._connection = await asyncpg.connect(self._url, server_settings=CONNECTION)
        self._holds = 0
        await self._hold()
        # A rotation may have ended between the loading of the keyring and the lock.
        await self.look()

    async def run(self) -> None:
        """Look every few seconds, for ever; a lost connection is opened again."""
        while True:
            end_if_told()
            await asyncio.sleep(LOOK_EVERY)
            try:
                async with asyncio.timeout(ANSWERS_WITHIN):
                    await (self.start() if self._connection.is_closed() else self.look())
            except CUT_OFF as error:
                log.warning("keys_wait", **error_fields(error))
                self.close()

    async def look(self) -> None:
        """Learn which generations there are, and let it be seen that they are known."""
        try:
            await self._ring.refresh(self._connection)
        except KeyTrouble as error:
            # What it knows still serves; a rotation waits for this process, and says so.
            if not self._told:
                log.error("keys_not_opened", **error_fields(error))
            self._told = True
            return
        self._told = False
        await self._hold()

    def close(self) -> None:
        """Close the connection, and let go of the lock with it."""
        if self._connection is not None:
            self._connection.terminate()

    async def _hold(self) -> None:
        wanted = holding(self._ring.generations.newest, self._ring.generations.current)
        if wanted != self._holds:
            await self._connection.execute(HOLD, KNOWS, wanted)
            if self._holds:
                await self._connection.execute(LET_GO, KNOWS, self._holds)
            self._holds = wanted


def holding(newest: int, current: int) -> int:
    """Give the lock's second number: the newest generation that is known, and the one that is sealed under."""
    return newest * 256 + current
