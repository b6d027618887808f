"""The leader: of several processes on one database, one polls and is the courier."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import asyncpg

from bot.log import error_fields, get_logger

LOCK: Final = 7_340_022
TRY: Final = "SELECT pg_try_advisory_lock($1)"
LOOK_EVERY: Final = 5.0
"""Seconds between looks: at whether the lock is free, and at whether it is still held."""
CONNECTION: Final = {
    "application_name": "shekteu-leader",
    # A leader whose computer went away without a word loses the lock after 5 + 3 · 3 seconds.
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "3",
    "tcp_keepalives_count": "3",
}
log = get_logger()


class Leader:
    """Holds a session advisory lock on a connection of its own while it leads."""

    def __init__(self, url: str, lead: Callable[[], Awaitable[Any]], look_every: float = LOOK_EVERY) -> None:
        self._url, self._lead, self._look_every = url, lead, look_every

    async def run(self) -> None:
        """Try to lead, and lead until the lock is lost, for ever."""
        while True:
            try:
                connection = await asyncpg.connect(self._url, server_settings=CONNECTION)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("leader_waits", **error_fields(error))
                await asyncio.sleep(self._look_every)
                continue
            try:
                await self._try(connection)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("leader_lost", **error_fields(error))
            finally:
                connection.terminate()
            await asyncio.sleep(self._look_every)

    async def _try(self, connection: Any) -> None:
        while not await connection.fetchval(TRY, LOCK, timeout=LOOK_EVERY):  # noqa: ASYNC110 — the database tells
            await asyncio.sleep(self._look_every)
        log.info("leader_leads")
        work = asyncio.ensure_future(self._lead())
        try:
            while not work.done():
                await asyncio.wait([work], timeout=self._look_every)
                await connection.execute("SELECT 1", timeout=LOOK_EVERY)
            # It ended by itself: somebody else polls, or a part of it failed. The reason goes to the log.
            error = work.exception()
            if error is not None:
                log.warning("leader_steps_down", **error_fields(_reason(error)))
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)


def _reason(error: BaseException) -> BaseException:
    """Give what stands behind a group of exceptions of which nobody learns anything."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
