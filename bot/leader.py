"""The leader: of several processes on one database, one polls and is the courier."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import asyncpg

from bot.database import CUT_OFF, end_if_told
from bot.log import error_fields, get_logger

LOCK: Final = 7_340_022
TRY: Final = "SELECT pg_try_advisory_lock($1)"
LOOK_EVERY: Final = 5.0
"""Seconds between looks: at whether the lock is free, and at whether it is still held."""
AGAIN: Final = 1.0
"""Seconds until a database that is away, or has cut us off, is tried again."""
CONNECTION: Final = {
    "application_name": "shekteu-leader",
    # A leader whose computer went away without a word loses the lock after 5 + 3 · 3 seconds.
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "3",
    "tcp_keepalives_count": "3",
}
STAND_BACK: Final = 3.0
"""Seconds that a process which followed waits after an outage of the database, longer than the one that led: what that
one sent in the instant of the outage is marked by it first, and not sent again."""
log = get_logger()


class Leader:
    """Holds a session advisory lock on a connection of its own while it leads."""

    def __init__(
        self,
        url: str,
        lead: Callable[[], Awaitable[Any]],
        look_every: float = LOOK_EVERY,
        follows: Callable[[], None] = lambda: None,
        stand_back: float = STAND_BACK,
        again: float = AGAIN,
    ) -> None:
        """`lead` is the work of the leader; `follows` is told at each look that finds another one leading."""
        self._url, self._lead, self._follows = url, lead, follows
        self._look_every, self._stand_back, self._again = look_every, stand_back, again

    async def run(self) -> None:
        """Try to lead, and lead until the lock is lost, for ever."""
        followed = False
        while True:
            end_if_told()
            pause = self._again
            try:
                connection = await asyncpg.connect(self._url, server_settings=CONNECTION)
            except CUT_OFF as error:
                log.warning("leader_waits", **error_fields(error))
                await asyncio.sleep(pause)
                continue
            try:
                if followed:
                    await asyncio.sleep(self._stand_back)
                followed = True
                await self._stand(connection)
                followed = False
                await self._work(connection)
                # Twice: in between all others have looked whether the lock is free.
                pause = self._look_every * 2
            except CUT_OFF as error:
                log.warning("leader_lost", **error_fields(error))
            finally:
                connection.terminate()
            await asyncio.sleep(pause)

    async def _stand(self, connection: Any) -> None:
        """Wait until the lock is ours."""
        while not await connection.fetchval(TRY, LOCK, timeout=LOOK_EVERY):
            self._follows()
            await asyncio.sleep(self._look_every)

    async def _work(self, connection: Any) -> None:
        """Lead until that ends by itself, or the lock is lost: this is raised, and noticed at once if it is told."""
        log.info("leader_leads")
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        work, told = asyncio.ensure_future(self._lead()), asyncio.ensure_future(lost.wait())
        try:
            while not work.done():
                await asyncio.wait([work, told], timeout=self._look_every, return_when=asyncio.FIRST_COMPLETED)
                await connection.execute("SELECT 1", timeout=LOOK_EVERY)
            # It ended by itself: somebody else polls, or a part of it failed. The reason goes to the log.
            error = work.exception()
            if error is not None:
                log.warning("leader_steps_down", **error_fields(_reason(error)))
        finally:
            told.cancel()
            work.cancel()
            await asyncio.gather(work, told, return_exceptions=True)


def _reason(error: BaseException) -> BaseException:
    """Give what stands behind a group of exceptions of which nobody learns anything."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
