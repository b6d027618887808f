"""The leader: of several processes on one database, one polls and is the courier."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import asyncpg

from bot.log import error_fields, get_logger

LOCK: Final = 7_340_022
LOOK_EVERY: Final = 5.0
log = get_logger()


class Leader:
    """Holds a session advisory lock on a connection of its own while it leads."""

    def __init__(self, url: str, lead: Callable[[], Awaitable[Any]]) -> None:
        self._url, self._lead = url, lead

    async def run(self) -> None:
        """Try to lead, and lead until the lock is lost, for ever."""
        while True:
            try:
                connection = await asyncpg.connect(
                    self._url,
                    server_settings={"application_name": "shekteu-leader", "tcp_keepalives_idle": "5"},
                )
            except (OSError, asyncpg.PostgresError) as error:
                log.warning("leader_waits", **error_fields(error))
                await asyncio.sleep(LOOK_EVERY)
                continue
            try:
                await self._try(connection)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("leader_lost", **error_fields(error))
            finally:
                connection.terminate()
            await asyncio.sleep(LOOK_EVERY)

    async def _try(self, connection: Any) -> None:
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):  # noqa: ASYNC110 — the database tells
            await asyncio.sleep(LOOK_EVERY)
        log.info("leader_leads")
        work = asyncio.ensure_future(self._lead())
        try:
            while not work.done():
                await asyncio.wait([work], timeout=LOOK_EVERY)
                await connection.execute("SELECT 1", timeout=LOOK_EVERY)
            # It ended by itself: somebody else polls, or a part of it failed. The reason goes to the log.
            error = work.exception()
            if error is not None:
                log.warning("leader_steps_down", **error_fields(error))
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
