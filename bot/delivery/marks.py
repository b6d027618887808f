"""Writing down what came of deliveries, whatever the database does meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from bot.database import Database, is_outage
from bot.log import error_fields, get_logger

AGAIN: Final = 1.0
"""Seconds until a mark that could not be written is tried again."""
Mark = tuple[str, Sequence[Any]]
"""A statement and its parameters."""
log = get_logger()


class Marks:
    """Writes marks, waiting for the database to come back: a message whose sending is forgotten is sent twice."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, *marks: Mark) -> None:
        """Run statements with their parameters, all in one transaction."""

        async def once() -> None:
            async with self._database.lend() as driver:
                if len(marks) == 1:
                    await driver.execute(marks[0][0], *marks[0][1])
                    return
                async with driver.transaction():
                    for statement, params in marks:
                        await driver.execute(statement, *params)

        await self.surely(once)

    async def read(self, statement: str, *params: Any) -> list[Any]:
        """Read rows."""
        async with self._database.lend() as driver:
            return list(await driver.fetch(statement, *params))

    async def surely(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do something that may be done twice, again and again while the database is away."""
        while True:
            try:
                await work()
                return
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("mark_waits", **error_fields(error))
            await asyncio.sleep(AGAIN)
